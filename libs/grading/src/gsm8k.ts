import { excerpt, invalidArgument } from '@hone/errors';
import { lastMatches, lastSentence, lineBehind } from './lines.ts';
import { exactly, scorerOf, type Found, type FoundAnswer } from './method.ts';
import { numbersIn, numberWordsIn, parseNumber, type FoundNumber } from './number.ts';
import { plainText } from './plain-text.ts';
import type { Scorer } from './verdict.ts';

/** How far behind a marker its number may stand, in characters. */
const REACH = 120;

interface Marker {
  readonly rule: string;
  readonly pattern: RegExp;
  /** The answer may stand on the next line. */
  readonly overLines: boolean;
  /** No word may stand before the number. */
  readonly direct: boolean;
}

const VERB = String.raw`(?:is|was|are|equals|(?:must|should|would|will|has\sto|appears\sto|seems\sto)\s{1,3}be|comes\s{1,3}(?:out\s{1,3})?to)\b`;

/** Markers of a stated final answer, the strictest first; of each the last that is followed by a number counts. */
const MARKERS: readonly Marker[] = [
  // Direct, because Markdown begins headings with it too: "#### Step 1".
  { rule: 'gsm8k.hashes', pattern: /####/g, overLines: false, direct: true },
  {
    rule: 'gsm8k.final_answer',
    pattern: /final\s{1,3}answer(?:\s{1,3}is)?\s{0,3}:?|<answer>/gi,
    overLines: true,
    direct: false,
  },
  { rule: 'gsm8k.boxed', pattern: /\\(?:boxed|fbox)\s?\{/g, overLines: false, direct: false },
  {
    rule: 'gsm8k.answer',
    pattern: new RegExp(String.raw`\banswer[*_]{0,3}\s{0,3}(?:${VERB}|:|=)|^\s{0,3}A:`, 'gim'),
    overLines: true,
    direct: false,
  },
];

/** Where the statement of an answer ends and a reason or another sentence begins. */
const STATEMENT_END = /[.;!?](?:\s|$)|\b(?:because|since|as|check)\b/i;
/** "12 or 13": two answers are none. */
const ALTERNATIVE = /^[\s*_"'$]{0,4}(?:[a-z]+\s)?or\s[\s*_"'$]{0,4}$/i;
/** "10:30", "2^3", "2-3", "20 -> 21", "4 * 5": the number in front is not what is stated. */
const GOES_ON =
  /^(?:\s?(?:[-=]>|→|\\to\b)|[:^]\{?\d|\s?[-–]\s?\d|\s?(?:[*×·+÷]|\\times\b|\\cdot\b|\\div\b)\s?\\?[$€£]?\s?\d)/;
/** "not 640", "isn't $5", "rather than 12": what is denied is no answer. */
const DENIED = /(?:\b(?:not|never|rather\sthan|instead\sof)|n['’]t)\s{1,3}(?:[a-z]{1,12}\s{1,3}){0,2}[$*_("\\]{0,4}$/i;
const CALLED_WRONG = /^[\s*_")]{0,4}(?:is|was|would\sbe)\s{1,3}(?:wrong|incorrect|not\b|too\s)/i;
/** "If the answer is 6": a marker that supposes. */
const SUPPOSED = /\b(?:if|suppose|supposing|assume|assuming|whether|unless|were|say)\b[^.!?\n,]{0,24}$/i;

const SEVERAL = {
  reason: 'the completion states something that is not one number, such as two alternatives or a range',
};

/** The number that answers, and the sentence or statement goes on behind it. */
type Picked = FoundNumber | 'several' | undefined;

/** The numbers of a statement that it does not deny. */
function affirmed(statement: string): FoundNumber[] {
  const numbers = [...numbersIn(statement)];
  const denied = numbers.filter(
    ({ start, end }) =>
      DENIED.test(statement.slice(Math.max(0, start - 48), start)) || CALLED_WRONG.test(statement.slice(end, end + 24)),
  );
  if (denied.length === 0) return numbers;
  const values = new Set(denied.map(({ value }) => value));
  return numbers.filter(({ value }) => !values.has(value));
}

/** Signs of a calculation that is not carried out. */
const OPERATOR = /[*×·+÷/]|\\times|\\cdot|\\div|\s[-−–x]\s/;

/**
 * "3 apples * 6 = 18 apples": the answer is what the calculation comes to; where that is a calculation too ("720 = 80 * 9"), the one
 * number on its other side. Where no equation decides: the first number.
 */
function pickFrom(statement: string): Picked {
  const end = STATEMENT_END.exec(statement)?.index ?? statement.length;
  const equals = statement.slice(0, end).lastIndexOf('=');
  if (equals < 0 || !/\d/.test(statement.slice(equals + 1, end))) return first(statement, 0);
  const [left, right] = [statement.slice(0, equals), statement.slice(equals + 1, end)];
  const isOpen = [...numbersIn(right)].length > 1 && OPERATOR.test(right);
  const side = left.slice(Math.max(left.lastIndexOf('='), left.lastIndexOf(':')) + 1);
  const [only, second] = [...numbersIn(side)];
  if (isOpen && only && !second)
    return { ...only, start: only.start + left.length - side.length, end: only.end + left.length - side.length };
  return first(statement, equals + 1);
}

function first(statement: string, from: number): Picked {
  const text = statement.slice(from);
  const spelled = wordAtStart(text);
  const [found, second] = spelled ? [spelled] : affirmed(text);
  if (!found) return undefined;
  const behind = text.slice(found.end);
  if (GOES_ON.test(behind)) return 'several';
  const other =
    second ??
    (spelled &&
      [...numbersIn(behind), ...numberWordsIn(behind)].map((number) => ({
        ...number,
        start: number.start + found.end,
      }))[0]);
  if (other && other.value !== found.value && ALTERNATIVE.test(text.slice(found.end, other.start))) return 'several';
  return { value: found.value, start: from + found.start, end: from + found.end };
}

/** A number in words that the statement begins with: "The answer is seventy-two." */
function wordAtStart(text: string): FoundNumber | undefined {
  const lead =
    /^[\s*_"'$({\\]{0,8}(?:text\{\s?)?(?:(?:exactly|about|only|just|a\stotal\sof|the\snumber)\s{1,3})?/i.exec(text)![0]
      .length;
  const [word] = numberWordsIn(text.slice(0, REACH));
  if (!word || word.start > lead) return undefined;
  // "one of the 5" counts nothing.
  return /^\s(?:of|more|another)\b/i.test(text.slice(word.end)) ? undefined : word;
}

function numberBehind(text: string, end: number, { rule, overLines, direct }: Marker): Found {
  const { line, offset } = lineBehind(text, end, overLines);
  const statement = rule === 'gsm8k.boxed' ? inBraces(line) : line;
  const found = pickFrom(statement.slice(0, REACH + 80));
  if (found === 'several') return SEVERAL;
  if (!found || found.start > REACH)
    return direct || rule === 'gsm8k.boxed' ? undefined : wordsOnly(statement, offset, rule);
  if (direct && /[a-z]/i.test(statement.slice(0, found.start)) && !wordAtStart(statement)) return undefined;
  return { answer: found.value, span: { start: offset + found.start, end: offset + found.end }, rule };
}

/** A statement without any digit may hold its number in words further on. */
function wordsOnly(statement: string, offset: number, rule: string): FoundAnswer | undefined {
  const sentence = statement.slice(0, STATEMENT_END.exec(statement)?.index ?? REACH);
  const [word, second] = numberWordsIn(sentence);
  if (!word || second || /\d/.test(sentence) || DENIED.test(sentence.slice(0, word.start))) return undefined;
  return { answer: word.value, span: { start: offset + word.start, end: offset + word.end }, rule };
}

/** What stands before the brace that closes the one before `line`. */
function inBraces(line: string): string {
  let depth = 1;
  for (let index = 0; index < line.length; index += 1) {
    if (line[index] === '{') depth += 1;
    else if (line[index] === '}') depth -= 1;
    if (depth === 0) return line.slice(0, index);
  }
  return line;
}

function statedAnswer(text: string): Found {
  for (const marker of MARKERS) {
    for (const match of lastMatches(text, marker.pattern)) {
      if (SUPPOSED.test(text.slice(Math.max(0, match.index - 40), match.index))) continue;
      const found = numberBehind(text, match.index + match[0].length, marker);
      if (found) return found;
    }
  }
  return undefined;
}

/** "for 3 weeks" says how long, not how much. */
const HOW_LONG_BEFORE = /\b(?:for|in|over|after|within|during)\s(?:the\s)?(?:(?:next|last|first)\s)?$/i;
const HOW_LONG_BEHIND = /^[\s-](?:second|minute|hour|day|week|month|year)s?\b/i;

/** Without a marker the last number of a finished completion is its answer; a box without a number says that there is none. */
function lastNumber(text: string): FoundAnswer | undefined {
  if (/\\(?:boxed|fbox)\s?\{/.test(text)) return undefined;
  const rule = 'gsm8k.last_number';
  const of = ({ value, start, end }: FoundNumber): FoundAnswer => ({ answer: value, span: { start, end }, rule });
  const sentence = lastSentence(text);
  const offset = text.length - sentence.length;
  const spelled = wordsOnly(sentence, offset, rule);
  if (spelled && !/^one$/i.test(text.slice(spelled.span.start, spelled.span.end))) return spelled;
  const [last, before] = lastNumbers(text, offset);
  if (!last) return undefined;
  const isContext =
    HOW_LONG_BEFORE.test(text.slice(Math.max(0, last.start - 20), last.start)) &&
    HOW_LONG_BEHIND.test(text.slice(last.end, last.end + 10));
  if (isContext && before && before.start >= offset) return of(before);
  const equation = sentence.includes('=') ? pickFrom(sentence) : undefined;
  if (!equation || equation === 'several') return of(last);
  return of({ ...equation, start: offset + equation.start, end: offset + equation.end });
}

/** The last number, and the one before it where it stands near: in the last sentence, else in the last lines, else anywhere. */
function lastNumbers(text: string, sentence: number): readonly (FoundNumber | undefined)[] {
  for (const from of [sentence, text.lastIndexOf('\n', text.length - 1000) + 1, 0]) {
    let [last, before]: (FoundNumber | undefined)[] = [];
    for (const { value, start, end } of numbersIn(text.slice(from)))
      [before, last] = [last, { value, start: from + start, end: from + end }];
    if (last) return [last, before];
  }
  return [];
}

/** The stated answer; of a whole text else its last number. */
function find(original: string, isWhole: boolean): Found {
  const { text, originOf } = plainText(original);
  const found = statedAnswer(text) ?? (isWhole ? lastNumber(text) : undefined);
  if (!found || 'reason' in found) return found;
  const last = originOf(found.span.end - 1);
  const end = last + String.fromCodePoint(original.codePointAt(last)!).length;
  return { ...found, span: { start: originOf(found.span.start), end } };
}

/** GSM8K: the last stated final answer equals the gold number exactly. */
export const gsm8k: Scorer = scorerOf({
  name: 'gsm8k',
  version: '4',
  description:
    'Numeric exact match: the number behind the last "####", "Final answer:", \\boxed or "answer is", else the last number ' +
    'of a finished completion; thousands separators, currency, percent, fractions, decimals, powers of ten and words are read.',
  target: ({ gold }) => exactly(goldNumber(gold)),
  find,
});

/** The gold number; of a whole solution, what stands behind its last "####". */
function goldNumber(text: string): string {
  const gold = parseNumber(text.split('####').at(-1)!);
  if (gold === undefined) throw invalidArgument('gold', `must be a number, but is "${excerpt(text, 80)}"`);
  return gold;
}
