/** Reading the choice that a statement makes: what stands behind "the answer is", in a box, or alone on a line. */
import { clean } from './clean.ts';
import type { Options } from './options.ts';

/** What a statement says. "several": more than one; "denied": that it is not this one. */
export type Stated =
  | {
      readonly kind: 'one';
      readonly label: string;
      readonly start: number;
      readonly end: number;
      readonly isAll: boolean;
    }
  | { readonly kind: 'several' }
  | { readonly kind: 'denied'; readonly labels: readonly string[] }
  | undefined;

const LEAD =
  /^(?:[\s|>#~=:.,✓✔✅➡→👉]|\ufe0f|-(?=[\s>]))*(?:(?:therefore|thus|then|so|hence|ok|okay|well|yes|sure|clearly|surely|certainly|obviously|easy|definitely|maybe|perhaps|most likely|likely|probably|simply|just|indeed|of course|either|both|actually)[\s,:]{1,3})*/iu;
/** Words that say that a label follows: "option C", "answer C". */
const NOUN =
  /^(?:the )?(?:(?:correct|right|best|final|my) )?(?:option|choice|letter|answer|number|label|statement|alternative)[\s:#]{0,3}(?=[([A-Z\d]|[a-z](?![\w'])|$)/i;
/** An answer that is called so may still be an option's words: "the answer C" where an option says C. */
const LOOSE_NOUN = /answer|number|statement/i;
/** A label: "B", "(B)", "[b]", "B)", "B.", "B:". */
const LABEL =
  /^(?<open>[([<]{0,2}) ?(?<symbol>[A-Za-z]|\d{1,2})(?![\w'’])(?! ?(?:\.\d|[/%^]\w))(?<close> ?[)\]>]{1,2}|[.:)]{0,2})/;
const ORDINAL = /^(?:the )?(first|second|third|fourth|fifth|last)(?: (?:option|choice|answer|one|alternative))\b/i;
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];
const DENIAL =
  /^(?:(?:is|are|was|be|do(?:es)?)? ?(?:not|never)\b|neither\b|none of (?:them|these|the (?:options|choices))\b|n't|isn't|cannot|can't|anything but|everything (?:but|except))/i;
/** "B is wrong", "B, which is no help". */
const DENIED_BEHIND =
  /^[\s,)\]]*(?:(?:which|that|it|both|all) )?(?:(?:is|are|was|were|would be|must be|seems?|looks?|can be|should be) (?:\w+ly |also |both |all |just )?(?:not|no|never|neither|wrong|incorrect|false|out|eliminated|ruled out|impossible|unlikely|irrelevant|excluded|a distractor)\b|(?:is|are|was|does|do|can|could|would)n['o]t?t\b|cannot\b|can not\b|does not\b|do not\b|fails?\b|can be (?:ruled|eliminated))/i;
/** What may follow an option's words: the end, or words that go on about it. */
const BREAK =
  /^(?:\s*$|\s*[.,;:!?)\]>]|\s+[-(]|\s*\n|\s+(?:because|since|as|which|that|who|due|so|for|from|i|based|and (?:not|so|the|this|it|is)|in this|here|is (?:the |my )?(?:correct|right|best|answer|final|most)|are (?:the |my )?(?:correct|right|best|answer)|would be|must be)\b)/i;
/** "4 + 8": a number in a calculation is no choice. */
const OPERATOR = /^\s?[-+*×·÷/^]\s?\d/;
/** Where options are bare numbers, what they count may follow: "12 units", "5 square meters". */
const COUNTED =
  /^ (?!(?:of|times|or|and|to|out|more|less|percent|hundred|thousand|million|billion|dozen|degrees?)\b)[a-z]{1,14}(?: [a-z]{2,14})?\W*$/i;
/** "B or (C)", "A, B and D", "A & C". */
const ANOTHER =
  /^[\s)\]>.]{0,3}(?:,\s?(?:or|and)\b|,|;|\/|&|\+|\bor\b|\band\b|\b(?:vs|versus)\b\.?|\bas well as\b)[\s/]{0,3}(?:(?:also|both|possibly|maybe|either|even|option|choice)\s)*/i;
const WRONG_BEHIND = /^[\s)\].]*(?:is|are|was|were)\b.{0,20}\b(?:not|wrong|incorrect|false|no)\b/i;

/** A statement's choice at its very start; positions are of the text given. */
export function readStatement(original: string, options: Options): Stated {
  const { text, originOf } = clean(original);
  // An option may begin with such words itself: "both A and B".
  const words = spelledAt(text, options) ? 0 : LEAD.exec(text)![0].length;
  const lead = words + (CALCULATION.exec(text.slice(words))?.[0].length ?? 0);
  const at = (position: number): number => originOf(position);
  const body = text.slice(lead);
  if (DENIAL.test(body) && !options.startOf(body)) return { kind: 'denied', labels: deniedBy(body, options) };
  const found = optionAt(body, options);
  if (!found || found.labels.length === 0) return undefined;
  if (found.labels.length > 1) return { kind: 'several' };
  const [label] = found.labels as [string];
  const behind = body.slice(found.end);
  // "No, it does not" denies nothing but what was asked.
  const isYesOrNo = YES_OR_NO.test(options.optionOf(label).words);
  if (!isYesOrNo && DENIED_BEHIND.test(behind)) return { kind: 'denied', labels: [label] };
  const other = anotherBehind(behind, label, options);
  if (other) return other.wrong ? { kind: 'denied', labels: [label, other.label] } : { kind: 'several' };
  const end = found.end === 0 ? 0 : at(lead + found.end - 1) + 1;
  return { kind: 'one', label, start: at(lead + found.start), end, isAll: isEnd(behind) };
}

/** Options that answer a question as a whole. */
export const YES_OR_NO = /^(?:yes|no|true|false)$/i;

/** "4 + 8 = 12" states what it comes to. */
const CALCULATION = /^(?=[^=]{0,60}\d)[\d\s.,+*×·÷/()^%-]{3,60}=(?:[\d\s.,+*×·÷/()^%-]{1,60}=)*\s?(?=\S)/;

/** Whether nothing goes on behind a choice: "it is", "I think" say nothing more. */
const isEnd = (behind: string): boolean =>
  /^[\s.,!;:)\]>|'✓✔✅]*(?:(?:it is|is (?:my|the|our) (?:final |best )?(?:answer|choice|pick)|for sure|i (?:think|guess|believe)|of course|definitely|obviously)\W*)?$/i.test(
    behind,
  );

/** "neither B nor C", "not (A)". */
function deniedBy(body: string, options: Options): string[] {
  const behind = body.replace(DENIAL, '').slice(0, 80);
  const labels: string[] = [];
  for (const piece of behind.split(/\b(?:n?or|and)\b|,/).slice(0, 8)) {
    const found = optionAt(piece.trim().replace(/^(?:the answer|likely|be|to be)\s/i, ''), options);
    if (found) labels.push(...found.labels);
  }
  return labels;
}

interface At {
  /** None where the text begins like a label but is none; several where options cannot be told apart. */
  readonly labels: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** The option at the start of a cleaned text: its own words, a label, or its position. */
function optionAt(quoted: string, options: Options): At | undefined {
  const text = quoted.replace(/^'([^']{1,200})'(?!\w)/, ' $1 ');
  const noun = NOUN.exec(text)?.[0].length ?? 0;
  const label = labelAt(text.slice(noun), options);
  const spelled =
    spelledAt(text, options) ?? (noun > 0 ? moved(spelledAt(text.slice(noun), options), noun) : undefined);
  if (label && spelled) {
    const both = spelled.labels.includes(label.label) ? [label.label] : spelled.labels;
    // "4" may be the option called 4 or the one that says 4; "(4)" and "option 4" are the former.
    if (spelled.end > label.end + noun + 1 || (both.length === 1 && both[0] === label.label))
      return { labels: both, start: spelled.start, end: Math.max(spelled.end, label.end + noun) };
    if (label.isMarked || (noun > 0 && !LOOSE_NOUN.test(text.slice(0, noun))))
      return { labels: [label.label], start: noun + label.start, end: noun + label.end };
    return { labels: [...spelled.labels, label.label], start: 0, end: spelled.end };
  }
  if (spelled) return withLabelBehind(spelled, text, options);
  if (label) {
    const meant = /^A: ?/.test(text) ? optionAt(text.slice(label.end).trimStart(), options) : undefined;
    // "A: (C)" answers a "Q:".
    if (meant?.labels.length === 1) return moved(meant, text.length - text.slice(label.end).trimStart().length);
    const named = optionBehindLabel(text.slice(noun + label.end), label.label, options);
    return { labels: named.labels, start: noun + label.start, end: noun + label.end + named.length };
  }
  const ordinal = ORDINAL.exec(text);
  if (!ordinal) return undefined;
  const word = ordinal[1]!.toLowerCase();
  const option = word === 'last' ? options.all.at(-1) : options.all[ORDINALS.indexOf(word)];
  return option && { labels: [option.label], start: 0, end: ordinal[0].length };
}

const moved = (found: At | undefined, by: number): At | undefined =>
  found && { ...found, start: found.start + by, end: found.end + by };

/** An option's own words, where they are not the beginning of other words. */
function spelledAt(text: string, options: Options): At | undefined {
  const open = /^[([<' ]*/.exec(text)![0].length;
  for (const skip of open > 0 ? [0, open] : [0]) {
    const start = options.startOf(text.slice(skip));
    if (!start) continue;
    const behind = text.slice(skip + start.length);
    const isCalculation = start.options.some(({ words }) => /\d$/.test(words)) && OPERATOR.test(behind);
    if (isCalculation) continue;
    const isWhole =
      BREAK.test(behind.replace(/^'/, '')) ||
      DENIED_BEHIND.test(behind) ||
      ANOTHER.test(behind) ||
      (options.areNumbers && COUNTED.test(behind));
    if (isWhole) return { labels: start.options.map(({ label }) => label), start: skip, end: skip + start.length };
  }
  return undefined;
}

/** "glass rod (C)": the label must be that of the words. */
function withLabelBehind(spelled: At, text: string, options: Options): At {
  const behind = /^ ?[([] ?(?:option |choice )?([A-Z]|\d) ?[)\]]/i.exec(text.slice(spelled.end));
  const label = behind && options.labelOf(behind[1]!);
  if (!behind || !label) return spelled;
  const end = spelled.end + behind[0].length;
  return spelled.labels.includes(label)
    ? { ...spelled, labels: [label], end }
    : { ...spelled, labels: [...spelled.labels, label], end };
}

interface Label {
  readonly label: string;
  readonly isMarked: boolean;
  readonly start: number;
  readonly end: number;
}

function labelAt(text: string, options: Options): Label | undefined {
  const match = LABEL.exec(text);
  if (!match) return undefined;
  const { open = '', symbol = '', close = '' } = match.groups!;
  const label = options.labelOf(symbol);
  if (!label) return undefined;
  const end = match[0].length;
  const behind = text.slice(end);
  const isMarked = open !== '' || /[)\]>:]/.test(close) || (close.includes('.') && /^\s?\S/.test(behind));
  // A small letter and an "A" before a word may be articles, a digit may count things.
  const isFree =
    /^[\s.)\]>|'!?]*(?:$|\n)/.test(behind) ||
    /^[\s]*[,;]/.test(behind) ||
    /^(?:です|である|だ|입니다|이다|选项|項|项)/.test(behind) ||
    /^\s+(?:[-(]|because\b|since\b|as\b|is\b|are\b|and\b|or\b|was\b|for\b|due\b|would\b|must\b|&|\/|\+)/i.test(behind);
  const isLetter = /[B-Z]/.test(symbol);
  if (!isMarked && !isFree && !(isLetter && /^\s/.test(behind)) && !startsOwn(behind, label, options)) return undefined;
  if (/[a-z]/.test(symbol) && !isMarked && !/^[\s.)\]>|!?]*(?:$|\n)/.test(behind) && !startsOwn(behind, label, options))
    return undefined;
  return { label, isMarked, start: open.length, end };
}

/** Whether the words of the label's own option follow. */
const startsOwn = (text: string, label: string, options: Options): boolean =>
  options.startOf(text.trimStart())?.options.some((option) => option.label === label) ?? false;

/** "B. copper wire": the words behind a label must be its own option's, if they are any option's. */
function optionBehindLabel(text: string, label: string, options: Options): { labels: string[]; length: number } {
  const gap = /^[\s.:,)\]=>(-]*/.exec(text)![0].length;
  const named = options.startOf(text.slice(gap));
  if (!named || !BREAK.test(text.slice(gap + named.length))) return { labels: [label], length: 0 };
  const labels = named.options.map((option) => option.label);
  return labels.includes(label)
    ? { labels: [label], length: gap + named.length }
    : { labels: [label, ...labels], length: 0 };
}

/** Another option that is stated beside the first. */
function anotherBehind(behind: string, label: string, options: Options): { label: string; wrong: boolean } | undefined {
  const joint = ANOTHER.exec(behind);
  if (!joint) return undefined;
  const rest = behind.slice(joint[0].length);
  if (/^(?:not|n't)\b/i.test(rest)) return undefined;
  const found = optionAt(rest, options);
  const other = found?.labels.find((candidate) => candidate !== label);
  if (!found || !other) return undefined;
  const further = rest.slice(found.end);
  const wrong = WRONG_BEHIND.test(further);
  // "B, C is wrong": the second is spoken of. "B and C are wrong": both are.
  if (wrong && /^[\s)\].]*is\b/i.test(further)) return undefined;
  if (/^[\s)\].]*is\b/i.test(further) && joint[0].includes(',')) return undefined;
  return { label: other, wrong };
}
