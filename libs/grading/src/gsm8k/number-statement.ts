/** Which of the numbers of a statement is the one that it states. */
import { numbersIn, numberWordsIn, parseNumber, type FoundNumber } from '../number/number.ts';

/** How far behind a marker its number may stand, in characters. */
export const REACH = 120;

/** Where the statement of an answer ends and a reason or another sentence begins. */
export const STATEMENT_END = /[.;!?](?:\s|$)|\b(?:because|since|as|check)\b/i;
/** "12 or 13", "5, 6", "5 and 6": several answers are none. */
const ALTERNATIVE = /^[\s*_"'$]{0,4}(?:[a-z]+\s)?or\s[\s*_"'$]{0,4}$/i;
const LISTED =
  /^[\s*_"'$)%]{0,4}(?:(?:,|;|&|\band\b|\bor\b|\\text\s?\{\s?,?\s?(?:and|or)\s?\})[\s*_"'$(\\]{0,4}){1,2}$/i;
const ONLY_SIGNS = /^[\s*_"'$)\]}%\\.!?]*(?:\n|$)/;
/** "10:30", "2^3", "2-3", "5 to 7", "20 -> 21", "4 * 5", "3\sqrt{2}", "3x + 2": the number in front is not what is stated. */
const GOES_ON = new RegExp(
  [
    String.raw`^(?:\s?(?:[-=]>|→|\\to\b|(?:[<>≤≥]|\\[lg]eq?\b)\s?[\dx-z\\])|[:^/._]\{?\d|[⁰¹²³⁴-⁹!]{0,2}[⁰¹²³⁴-⁹]|\s?[-–]\s?\d|\(\d`,
    String.raw`\s(?:to|times|plus|minus|divided\sby|multiplied\sby|(?:[a-z]+\s)?by|(?:more|less|fewer)\sthan)\s\\?[$€£]?\d`,
    String.raw`\s(?:squared|cubed|factorial)\b|\s?(?:[x*×·+÷±]|\\times\b|\\cdot\b|\\div\b|\\pm\b)\s?\\?[$€£]?\s?\d`,
    String.raw`\.?\s?\\(?:[dt]?(?:sqrt|frac)|pi|overline|bar|dot|[bp]?mod)\b|\s?[√π]`,
    String.raw`\s?[xyzn](?:\s?[-−+^=]\s?[\w\\]|[\s$)]*$)|\s?[a-z]\s?[-−+]\s?\d)`,
  ].join('|'),
);
/** "between 5 and 7" */
const BETWEEN = /\bbetween\s\\?[$€£]?$/i;
/** "\sqrt{25}", "log 5", "half of 22", "twice 11": the number behind is not what is stated. */
const OPERATION = new RegExp(
  [
    String.raw`(?:\\sqrt\s?(?:\[\d\]\s?)?\{?\s?|√\s?\(?|±|\\(?:pm|log|ln|sin|cos|tan|binom|[dtc]?frac)\b[\s{(]{0,3}`,
    String.raw`\b(?:log|ln|sin|cos|tan|sqrt)[\s(]{1,2}|\b(?:square|cube|square\sroot|cube\sroot)\sof\s`,
    String.raw`\b(?:half|(?:a|one|two|three)[\s-](?:third|quarter|fourth|fifth)s?)\sof\s(?:the\s)?|\b(?:twice|double|triple)\s)\\?[$€£]?[-−]?$`,
  ].join('|'),
  'i',
);
/** "half of 22, which is 11" */
const COMES_TO = /\bwhich\s(?:is|equals|makes|gives|comes\sto)\s/i;
/** "not 640", "isn't $5", "rather than 12": what is denied is no answer. */
export const DENIED =
  /(?:\b(?:not|never|rather\sthan|instead\sof)|n['’]t)\s{1,3}(?:[a-z]{1,12}\s{1,3}){0,2}[$*_("\\]{0,4}$/i;
const CALLED_WRONG = /^[\s*_")]{0,4}(?:is|was|would\sbe)\s{1,3}(?:wrong|incorrect|not\b|too\s)/i;
/** The number that answers, and the sentence or statement goes on behind it. */
export type Picked = FoundNumber | 'several' | undefined;

/** The numbers of a statement that it does not deny. */
export function affirmed(statement: string): FoundNumber[] {
  const numbers = [...numbersIn(statement)];
  const denied = numbers.filter(
    ({ start, end }) =>
      DENIED.test(statement.slice(Math.max(0, start - 48), start)) || CALLED_WRONG.test(statement.slice(end, end + 24)),
  );
  if (denied.length === 0) return numbers;
  const values = new Set(denied.map(({ value }) => value));
  return numbers.filter(({ value }) => !values.has(value));
}

/** "x = 5, y = 3" */
const NAMED = /=[^=]*\d[^=,;]{0,40}(?:[,;]|\band\b)\s{0,3}[a-zA-Z]\s{0,3}$/;
/** Signs of a calculation that is not carried out. */
const OPERATOR = /[*×·+÷/]|\\times|\\cdot|\\div|\s[-−–x]\s/;

/**
 * "3 apples * 6 = 18 apples": the answer is what the calculation comes to; where that is a calculation too ("720 = 80 * 9"), the one
 * number on its other side. Where no equation decides: the first number.
 */
export function pickFrom(statement: string): Picked {
  const end = STATEMENT_END.exec(statement)?.index ?? statement.length;
  const equals = statement.slice(0, end).lastIndexOf('=');
  if (equals < 0 || !/\d/.test(statement.slice(equals + 1, end))) return first(statement, 0);
  const [left, right] = [statement.slice(0, equals), statement.slice(equals + 1, end)];
  if (NAMED.test(left)) return 'several';
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
  const before = text.slice(Math.max(0, found.start - 24), found.start);
  const behind = text.slice(found.end);
  if (OPERATION.test(before) || GOES_ON.test(behind)) {
    const result = COMES_TO.exec(behind);
    return result ? first(statement, from + found.end + result.index + result[0].length) : 'several';
  }
  const other = second ?? (spelled && nextOf(text, found));
  if (other && other.value !== found.value && isBeside(text, found, other)) return 'several';
  const sum = other && withLowerUnit(text, found, other);
  if (sum === 'several') return 'several';
  const { value, start, end } = sum ?? found;
  return { value, start: from + start, end: from + end };
}

/** The next number in digits or words. */
function nextOf(text: string, { end }: FoundNumber): FoundNumber | undefined {
  const behind = text.slice(end);
  const [next] = [...numbersIn(behind), ...numberWordsIn(behind)];
  return next && { value: next.value, start: next.start + end, end: next.end + end };
}

/** Whether another number is stated beside the first, as an alternative, in a list or as the end of a range. */
function isBeside(text: string, found: FoundNumber, other: FoundNumber): boolean {
  const joint = text.slice(found.end, other.start);
  if (ALTERNATIVE.test(joint)) return true;
  if (BETWEEN.test(text.slice(Math.max(0, found.start - 12), found.start))) return /^[^.,;]{0,24}\band\b/.test(joint);
  return LISTED.test(joint) && ONLY_SIGNS.test(text.slice(other.end, other.end + 24));
}

/** A number in words that the statement begins with: "The answer is seventy-two." */
export function wordAtStart(text: string): FoundNumber | undefined {
  const lead =
    /^[\s*_"'$({\\]{0,8}(?:text\{\s?)?(?:(?:exactly|about|only|just|a\stotal\sof|the\snumber)\s{1,3})?/i.exec(text)![0]
      .length;
  const [word] = numberWordsIn(text.slice(0, REACH));
  if (!word || word.start > lead) return undefined;
  // "one of the 5" counts nothing.
  return /^\s(?:of|more|another)\b/i.test(text.slice(word.end)) ? undefined : word;
}

/** Units, each with those that parts of it are given in. */
const LOWER_UNITS: readonly (readonly [unit: string, lower: string])[] = [
  ['(?:hours?|hrs?|h)', '(?:minutes?|mins?|m|seconds?|secs?)'],
  ['(?:minutes?|mins?)', '(?:seconds?|secs?|s)'],
  ['days?', '(?:hours?|hrs?|h|minutes?|mins?)'],
  ['weeks?', 'days?'],
  ['months?', '(?:weeks?|days?)'],
  ['years?', '(?:months?|weeks?|days?)'],
  ['(?:feet|foot|ft)', '(?:inch(?:es)?|in(?!\\s[a-z]))'],
  ['yards?', '(?:feet|foot|ft|inch(?:es)?)'],
  ['(?:pounds?|lbs?)', '(?:ounces?|oz)'],
  ['(?:gallons?)', '(?:quarts?|pints?|cups?)'],
  ['(?:kilometers?|km)', '(?:meters?|m)'],
  ['(?:meters?|m)', '(?:centimeters?|cm)'],
  ['(?:kilograms?|kg)', '(?:grams?|g)'],
];
const WRAPPED = String.raw`[\s-]?(?:\\[,;: ])?(?:\\(?:text|mathrm)\s?\{\s?)?`;
const JOINT = String.raw`\s?\}?(?:\\[,;: ]|[\s,]){0,3}(?:and\s|\\text\s?\{\s?and\s?\}\s?)?\$?`;
const COMPOUND = LOWER_UNITS.map(
  ([unit, lower]) =>
    [new RegExp(`^${WRAPPED}${unit}${JOINT}$`, 'i'), new RegExp(`^${WRAPPED}${lower}\\b`, 'i')] as const,
);
const DOLLARS = new RegExp(String.raw`^(?:\sdollars?)?${JOINT}$`, 'i');

/**
 * "2 hours and 30 minutes" is an amount that neither number states; "3 dollars and 50 cents" is one, in dollars. Undefined where the
 * numbers do not belong together.
 */
export function withLowerUnit(text: string, found: FoundNumber, other: FoundNumber): Picked {
  const joint = text.slice(found.end, other.start);
  const behind = text.slice(other.end, other.end + 16);
  if (joint.length > 30 || !/[a-z]/i.test(behind)) return undefined;
  if (
    /^\scents?\b/i.test(behind) &&
    DOLLARS.test(joint) &&
    /^\d{1,2}$/.test(other.value) &&
    /^\d+$/.test(found.value)
  ) {
    const value = parseNumber(`${found.value}.${other.value.padStart(2, '0')}`)!;
    return { value, start: found.start, end: other.end };
  }
  return COMPOUND.some(([unit, lower]) => unit.test(joint) && lower.test(behind)) ? 'several' : undefined;
}

/** Whether a box holds several numbers, an interval or a table: "5 red, 3 blue", "[5, 7]". */
export function holdsSeveral(box: string): boolean {
  if (/\\begin\b|^\s*[[(][^()[\]]*,[^()[\]]*[\])]\s*$|^[^=]*\d\s?!\s*$/.test(box)) return true;
  if (box.includes('=') || box.includes('(')) return false;
  const [one, other] = [...numbersIn(box)];
  return one !== undefined && other !== undefined && /[,;]|\band\b/.test(box.slice(one.end, other.start));
}
