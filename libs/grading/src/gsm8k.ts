import { excerpt, invalidArgument } from '@hone/errors';
import { numbersIn, parseNumber } from './number.ts';
import { exactly, judge, lineBehind, ownPart, type Extracted, type Scorer } from './verdict.ts';

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
  {
    rule: 'gsm8k.final_answer',
    pattern: /final\s{1,3}answer(?:\s{1,3}is)?\s{0,3}:?|<answer>/gi,
    overLines: true,
    direct: false,
  },
  { rule: 'gsm8k.boxed', pattern: /\\boxed\s?\{/g, overLines: false, direct: false },
  { rule: 'gsm8k.answer', pattern: /\banswer\s{0,3}(?:is|:|=)|^\s{0,3}A:/gim, overLines: true, direct: false },
];

/** Where the statement of an answer ends and a reason or another sentence begins. */
const STATEMENT_END = /[.;!?](?:\s|$)|\b(?:because|since|as|check)\b/i;
/** "12 or 13": two answers are none. */
const ALTERNATIVE = /^[\s*_"'$]{0,4}(?:[a-z]+\s)?or\s[\s*_"'$]{0,4}$/i;

/** "10:30", "2^3", "2-3", "20 -> 21": the number in front is not what is stated. */
const GOES_ON = /^(?:\s?(?:[-=]>|→|\\to\b)|[:^]\{?\d|\s?[-–]\s?\d)/;

const AMBIGUOUS = 'ambiguous';
type FoundNumber = Extracted | typeof AMBIGUOUS | undefined;

/** "3 apples * 6 = 18 apples": the answer is what the calculation comes to. */
function behindEquals(statement: string): number {
  const end = STATEMENT_END.exec(statement)?.index ?? statement.length;
  const equals = statement.slice(0, end).lastIndexOf('=');
  return equals >= 0 && /\d/.test(statement.slice(equals + 1, end)) ? equals + 1 : 0;
}

function numberBehind(text: string, end: number, { rule, overLines, direct }: Marker): FoundNumber {
  const { line, offset } = lineBehind(text, end, overLines);
  const statement = rule === 'gsm8k.boxed' ? inBraces(line) : line;
  const from = behindEquals(statement.slice(0, REACH));
  const [found, second] = numbersIn(statement.slice(from));
  if (!found || from + found.start > REACH) return undefined;
  if (direct && /[a-z]/i.test(statement.slice(0, from + found.start))) return undefined;
  if (GOES_ON.test(statement.slice(from + found.end))) return AMBIGUOUS;
  if (second && second.value !== found.value) {
    const between = statement.slice(from + found.end, from + second.start);
    if (ALTERNATIVE.test(between)) return AMBIGUOUS;
  }
  const start = offset + from;
  return { answer: found.value, span: { start: start + found.start, end: start + found.end }, rule };
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

function statedAnswer(text: string): FoundNumber {
  for (const marker of MARKERS) {
    for (const match of [...text.matchAll(marker.pattern)].reverse()) {
      const found = numberBehind(text, match.index + match[0].length, marker);
      if (found) return found;
    }
  }
  return undefined;
}

/** Without a marker the last number of a finished completion is its answer; a box without a number says that there is none. */
function lastNumber(text: string): Extracted | undefined {
  if (/\\boxed\s?\{/.test(text)) return undefined;
  let last: Extracted | undefined;
  for (const { value, start, end } of numbersIn(text)) {
    last = { answer: value, span: { start, end }, rule: 'gsm8k.last_number' };
  }
  return last;
}

/** GSM8K: the last stated final answer equals the gold number exactly. */
export const gsm8k: Scorer = {
  name: 'gsm8k',
  version: '3',
  description:
    'Numeric exact match: the number behind the last "####", "Final answer:", \\boxed or "answer is", else the last number ' +
    'of a finished completion; thousands separators, currency, percent, fractions, decimals and powers of ten are read.',
  score(item) {
    const gold = goldNumber(item.gold);
    const text = ownPart(item.completion);
    const found = statedAnswer(text) ?? (item.truncated ? undefined : lastNumber(text));
    return judge(found === AMBIGUOUS ? undefined : found, item, exactly(gold));
  },
};

/** The gold number; of a whole solution, what stands behind its last "####". */
function goldNumber(text: string): string {
  const gold = parseNumber(text.split('####').at(-1)!);
  if (gold === undefined) throw invalidArgument('gold', `must be a number, but is "${excerpt(text, 80)}"`);
  return gold;
}
