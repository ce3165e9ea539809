import { invalidArgument } from '@hone/errors';
import { numbersIn, parseNumber } from './number.ts';
import { judge, lineBehind, ownPart, type Extracted, type Scorer } from './verdict.ts';

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

/** Markers of a stated final answer, the strictest first; of each the last that is followed by a number counts. */
const MARKERS: readonly Marker[] = [
  // Direct, because Markdown begins headings with it too: "#### Step 1".
  { rule: 'gsm8k.hashes', pattern: /####/g, overLines: false, direct: true },
  { rule: 'gsm8k.final_answer', pattern: /final answer(?: is)?\s{0,3}:?/gi, overLines: true, direct: false },
  { rule: 'gsm8k.boxed', pattern: /\\boxed\{/g, overLines: false, direct: false },
  { rule: 'gsm8k.answer', pattern: /\banswer\s{0,3}(?:is|:|=)|^\s{0,3}A:/gim, overLines: false, direct: false },
];

/** A calculation up to its sign of equality: in "6 * 3 = 18" the answer is what it comes to. */
const CALCULATION = /^[\d\s.,+\-*/×÷()$€£%]*=(?=[\d\s.,+\-*/×÷()$€£%]*\d)/;

function numberBehind(text: string, end: number, { rule, overLines, direct }: Marker): Extracted | undefined {
  const { line, offset } = lineBehind(text, end, overLines);
  let from = 0;
  for (let skip; (skip = CALCULATION.exec(line.slice(from)));) from += skip[0].length;
  const [found] = numbersIn(line.slice(from));
  if (!found || from + found.start > REACH) return undefined;
  if (direct && /[a-z]/i.test(line.slice(from, from + found.start))) return undefined;
  const start = offset + from;
  return { answer: found.value, span: { start: start + found.start, end: start + found.end }, rule };
}

function statedAnswer(text: string): Extracted | undefined {
  for (const marker of MARKERS) {
    for (const match of [...text.matchAll(marker.pattern)].reverse()) {
      const found = numberBehind(text, match.index + match[0].length, marker);
      if (found) return found;
    }
  }
  return undefined;
}

/** Without a marker the last number of a finished completion is its answer. */
function lastNumber(text: string): Extracted | undefined {
  let last: Extracted | undefined;
  for (const { value, start, end } of numbersIn(text)) {
    last = { answer: value, span: { start, end }, rule: 'gsm8k.last_number' };
  }
  return last;
}

/** GSM8K: the last stated final answer equals the gold number exactly. */
export const gsm8k: Scorer = {
  name: 'gsm8k',
  version: '1',
  description:
    'Numeric exact match: the number behind the last "####", "Final answer:", \\boxed or "answer is", else the last number ' +
    'of a finished completion; thousands separators, currency, percent, fractions and decimals are read.',
  score(item) {
    const gold = parseNumber(item.gold);
    if (gold === undefined) throw invalidArgument('gold', `must be a number, but is "${item.gold.slice(0, 80)}"`);
    const text = ownPart(item.completion);
    const found = statedAnswer(text) ?? (item.truncated ? undefined : lastNumber(text));
    return judge(found, item, (answer) => answer === gold);
  },
};
