/** Numbers in words: "twenty-one", "one hundred and five", "two thirds", "fifteenth". */
import { isUnit } from './units.ts';

const UNITS = [
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'],
  ...['thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'],
];
const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const SCALES: Readonly<Record<string, bigint>> = {
  thousand: 1000n,
  million: 1_000_000n,
  billion: 1_000_000_000n,
  trillion: 1_000_000_000_000n,
};
const SMALL = new Map([
  ...UNITS.map((word, value): [string, bigint] => [word, BigInt(value)]),
  ...TENS.map((word, at): [string, bigint] => [word, BigInt(20 + 10 * at)]),
]);

const IRREGULAR_ORDINALS: Readonly<Record<string, string>> = {
  ...{ first: 'one', second: 'two', third: 'three', fifth: 'five', eighth: 'eight', ninth: 'nine', twelfth: 'twelve' },
};
/** The cardinal number of an ordinal, and of a plural such as "thirds". */
function cardinal(word: string): string | undefined {
  const one = word.replace(/s$/, '');
  if (IRREGULAR_ORDINALS[one]) return IRREGULAR_ORDINALS[one];
  const stem = one.endsWith('ieth') ? `${one.slice(0, -4)}y` : one.endsWith('th') ? one.slice(0, -2) : '';
  return SMALL.has(stem) || stem === 'hundred' || SCALES[stem] !== undefined ? stem : undefined;
}

/** The whole number of words without "and": hundreds, then their scales from large to small. */
function whole(words: readonly string[]): bigint | undefined {
  let [total, group, last] = [0n, -1n, 0n];
  let scale = 10n ** 30n;
  for (const word of words) {
    const small = SMALL.get(word);
    const next = SCALES[word];
    if (small !== undefined) {
      // "twenty one" is 21, "one twenty" is none.
      if (group >= 0n && !(last >= 20n && last < 100n && small > 0n && small < 10n) && last !== 100n) return undefined;
      group = (group < 0n ? 0n : group) + small;
      last = small;
    } else if (word === 'hundred') {
      if (group < 1n || group > 99n) return undefined;
      [group, last] = [group * 100n, 100n];
    } else if (next !== undefined && group > 0n && next < scale) {
      [total, group, last, scale] = [total + group * next, -1n, 0n, next];
    } else return undefined;
  }
  return group < 0n && total === 0n ? undefined : total + (group < 0n ? 0n : group);
}

/** The value of words that are a number and nothing else, as digits or as a fraction in LaTeX; undefined where they are none. */
export function numberOfWords(text: string): string | undefined {
  const words = text
    .toLowerCase()
    .split(/[\s-]+/)
    .filter((word) => word !== '');
  const [first, ...others] = words;
  if (first === 'minus' || first === 'negative') {
    const value = numberOfWords(others.join(' '));
    return value === undefined || value.startsWith('-') ? undefined : `-${value}`;
  }
  return fractionOfWords(words) ?? wholeOfWords(words)?.toString();
}

function wholeOfWords(words: readonly string[]): bigint | undefined {
  // "a hundred"; "and" stands behind hundreds and scales only.
  const counted = words[0] === 'a' || words[0] === 'an' ? ['one', ...words.slice(1)] : words;
  if (words[0] === 'a' && counted.length < 2) return undefined;
  const plain = counted.filter((word, at) => word !== 'and' || !isScale(counted[at - 1]) || at === counted.length - 1);
  const last = plain.at(-1);
  const ordinal = last === undefined || words[0] === 'a' ? undefined : cardinal(last);
  return whole(ordinal === undefined || last!.endsWith('s') ? plain : [...plain.slice(0, -1), ordinal]);
}

const isScale = (word: string | undefined): boolean =>
  word === 'hundred' || (word !== undefined && SCALES[word] !== undefined);

/** "one half", "two-thirds", "a quarter", "three and a half", "half". */
function fractionOfWords(words: readonly string[]): string | undefined {
  const part = /^(.*?)(?:\band\b )?(\S+)? ?(half|halves|quarters?|\S+ths?|thirds?)$/.exec(words.join(' '));
  if (!part) return undefined;
  const [, before = '', count = 'one', name = ''] = part;
  const bottom = /^hal/.test(name) ? 2n : name.startsWith('quarter') ? 4n : divisor(name);
  const top = count === 'a' || count === 'an' ? 1n : wholeOfWords([count]);
  if (bottom === undefined || bottom < 2n || top === undefined || isOrdinal(part[2], name)) return undefined;
  const integer = before === '' ? undefined : wholeOfWords(before.trim().split(' '));
  if (before !== '' && integer === undefined) return undefined;
  return `${integer ?? ''}\\frac{${top}}{${bottom}}`;
}

function divisor(name: string): bigint | undefined {
  const word = cardinal(name);
  return word === undefined ? undefined : whole(isScale(word) ? ['one', word] : [word]);
}

/** "third" alone, and "twenty-fifth", are ordinals; "one fifth" and "two fifths" are fractions. */
function isOrdinal(count: string | undefined, name: string): boolean {
  if (/^(?:hal|quarter)/.test(name)) return false;
  if (count === undefined || TENS.includes(count) || isScale(count)) return true;
  return !name.endsWith('s') && count !== 'one' && count !== 'a' && count !== 'an';
}

const WORD = `(?:${[...UNITS, ...TENS, 'hundred', ...Object.keys(SCALES)].join('|')})`;
const PART = `(?:half|halves|quarters?|thirds?|fourths?|(?:fif|six|seven|eigh|nin|ten|eleven|twelf|hundred)ths?)`;
const RUN = new RegExp(
  String.raw`(?<![\\a-zA-Z-])(?:(?:minus|negative) )?${WORD}(?:(?:[\s-]+|\s+and\s+)${WORD})*(?:(?:[\s-]+|\s+and\s+(?:an?\s+|one\s+))${PART})?(?![a-zA-Z-])`,
  'gi',
);

/** An answer with the numbers that it writes out in digits. */
export function withDigits(text: string): string {
  if (!/[a-z]{3}/i.test(text)) return text;
  const bare = text.replace(/^\s*\\(?:text\w*|mbox|mathrm)\s*\{([^{}]*)\}\s*$/, '$1').trim();
  const value = /^[a-z\s-]+$/i.test(bare) ? numberOfWords(bare) : undefined;
  if (value !== undefined) return value;
  return text.replace(RUN, (run, at: number) =>
    standsAlone(text.slice(0, at), text.slice(at + run.length)) ? (numberOfWords(run) ?? run) : run,
  );
}

/** Whether no other words are around it, but a unit: "two lines" and "no one" are no numbers. */
function standsAlone(before: string, behind: string): boolean {
  const next = /^\s*([a-z]+)/i.exec(behind)?.[1];
  return !/[a-z]\s*$/i.test(before) && (next === undefined || isUnit(next) || /^(?:and|or)$/.test(next));
}
