import { invalidArgument } from '@hone/errors';
import { numbersIn, parseNumber } from './number.ts';
import { judge, ownPart, type Extracted, type Scorer } from './verdict.ts';

/** How far behind a marker its number may stand. */
const REACH = 120;

/** Markers of a stated final answer, the strictest first; of each the last that is followed by a number counts. */
const MARKERS: readonly { readonly rule: string; readonly pattern: RegExp }[] = [
  { rule: 'gsm8k.hashes', pattern: /####/g },
  { rule: 'gsm8k.final_answer', pattern: /final answer(?: is)?\s{0,3}:?/gi },
  { rule: 'gsm8k.boxed', pattern: /\\boxed\{/g },
  { rule: 'gsm8k.answer', pattern: /\banswer\s{0,3}(?:is|:|=)|^\s{0,3}A:/gim },
];

function statedAnswer(text: string): Extracted | undefined {
  for (const { rule, pattern } of MARKERS) {
    for (const marker of [...text.matchAll(pattern)].reverse()) {
      const start = marker.index + marker[0].length;
      const line = text.slice(start, start + REACH).split('\n', 1)[0]!;
      const [found] = numbersIn(line, start);
      if (found) return { answer: found.value, span: { start: found.start, end: found.end }, rule };
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
