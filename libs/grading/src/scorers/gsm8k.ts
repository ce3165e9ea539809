import { excerpt, invalidArgument } from '@hone/errors';
import { inBraces } from '../gsm8k/in-braces.ts';
import { lastMatches, lastSentence, lineBehind } from '../gsm8k/lines.ts';
import { defineScorer, exactly, type Found, type FoundAnswer } from '../method.ts';
import {
  affirmed,
  DENIED,
  holdsSeveral,
  pickFrom,
  REACH,
  STATEMENT_END,
  wordAtStart,
  withLowerUnit,
} from '../gsm8k/number-statement.ts';
import { numberWordsIn, parseNumber, type FoundNumber } from '../number/number.ts';
import { plainText } from '../number/plain-text.ts';

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

/** "If the answer is 6": a marker that supposes. */
const SUPPOSED = /\b(?:if|suppose|supposing|assume|assuming|whether|unless|were|say)\b[^.!?\n,]{0,24}$/i;

const SEVERAL = {
  reason: 'the completion states something that is not one number, such as two alternatives or a range',
};

function numberBehind(text: string, end: number, { rule, overLines, direct }: Marker): Found {
  const { line, offset } = lineBehind(text, end, overLines);
  const statement = rule === 'gsm8k.boxed' ? inBraces(line) : line;
  if (rule === 'gsm8k.boxed' && holdsSeveral(statement)) return SEVERAL;
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

/** "It cannot be determined": the numbers of such a sentence are those of the problem. */
const REFUSAL =
  /\b(?:(?:cannot|can['’]t|could\snot|not\spossible\sto|impossible\sto|unable\sto)\s(?:be\s)?(?:determined?|calculated?|found|find|answer(?:ed)?|solved?|tell|say|know)|(?:not\senough|insufficient)\sinformation|(?:do\snot|don['’]t)\sknow)\b/i;
/** "So 11 is the answer" */
const IS_ANSWER = /\bis\s(?:the|our|my)\s(?:final\s|correct\s|right\s)?answer\b/i;
/** "(14 - 3)" behind the last number says where it comes from. */
const CALCULATION = /\([^()=]{0,60}[-−–+*×·÷/][^()=]{0,60}\)[\s.!*_]*$/;

/** Without a marker the last number of a finished completion is its answer; a box without a number says that there is none. */
function lastNumber(text: string): Found {
  if (/\\(?:boxed|fbox)\s?\{/.test(text)) return undefined;
  const rule = 'gsm8k.last_number';
  const of = ({ value, start, end }: FoundNumber): FoundAnswer => ({ answer: value, span: { start, end }, rule });
  const whole = lastSentence(text);
  const offset = text.length - whole.length;
  const sentence = conclusionOf(whole);
  if (REFUSAL.test(sentence)) return { reason: 'the completion says that it has no answer' };
  const spelled = wordsOnly(sentence, offset, rule);
  if (spelled && !/^one$/i.test(text.slice(spelled.span.start, spelled.span.end))) return spelled;
  const [last, before] = lastNumbers(text.slice(0, offset + sentence.length), offset);
  if (!last) return undefined;
  const isContext =
    HOW_LONG_BEFORE.test(text.slice(Math.max(0, last.start - 20), last.start)) &&
    HOW_LONG_BEHIND.test(text.slice(last.end, last.end + 10));
  if (isContext && before && before.start >= offset) return of(before);
  const equation = sentence.includes('=') ? pickFrom(sentence) : undefined;
  if (equation && equation !== 'several')
    return of({ ...equation, start: offset + equation.start, end: offset + equation.end });
  const sum = before && withLowerUnit(text, before, last);
  return sum === 'several' ? SEVERAL : of(sum ?? last);
}

/** A sentence up to where it calls a number the answer, and without a calculation in brackets behind its last number. */
function conclusionOf(sentence: string): string {
  const isAnswer = IS_ANSWER.exec(sentence);
  if (isAnswer && /\d[^\w]{0,6}(?:[a-z]+\s)?$/i.test(sentence.slice(0, isAnswer.index)))
    return sentence.slice(0, isAnswer.index);
  const calculation = CALCULATION.exec(sentence);
  return calculation && /\d/.test(sentence.slice(0, calculation.index))
    ? sentence.slice(0, calculation.index)
    : sentence;
}

/** The last number, and the one before it where it stands near: in the last sentence, else in the last lines, else anywhere. */
function lastNumbers(text: string, sentence: number): readonly (FoundNumber | undefined)[] {
  for (const from of [sentence, text.lastIndexOf('\n', text.length - 1000) + 1, 0]) {
    let [last, before]: (FoundNumber | undefined)[] = [];
    for (const { value, start, end } of affirmed(text.slice(from)))
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
export const gsm8k = defineScorer({
  name: 'gsm8k',
  version: '5',
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
