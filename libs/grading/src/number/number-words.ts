/** Numbers in English words: "one hundred and twenty-three", "two and a half". */

const SMALL = [
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'],
  ...['thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'],
];
const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const SCALES: Readonly<Record<string, number>> = { thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 };
const PARTS: Readonly<Record<string, number>> = {
  half: 2,
  halves: 2,
  third: 3,
  thirds: 3,
  quarter: 4,
  quarters: 4,
  fourth: 4,
  fourths: 4,
  fifth: 5,
  fifths: 5,
  tenth: 10,
  tenths: 10,
};

const VALUES = new Map<string, number>([
  ...SMALL.map((word, value): [string, number] => [word, value]),
  ...TENS.map((word, index): [string, number] => [word, 20 + 10 * index]),
  ['fourty', 40],
]);

const WORD = [...VALUES.keys(), 'hundred', ...Object.keys(SCALES)].sort((a, b) => b.length - a.length).join('|');
const PART = Object.keys(PARTS)
  .sort((a, b) => b.length - a.length)
  .join('|');
const WHOLE = String.raw`(?:an?\s{1,2}(?=hundred|thousand|million|billion|trillion|dozen))?(?:${WORD}|(?<=an?\s{1,2})dozen)(?:(?:[\s-]{1,2}|\s{1,2}and\s{1,2})(?:${WORD}))*`;
/** Of a word that is no number: "one-way", "someone", "four-legged". */
const EDGE = String.raw`(?![\w]|-[a-z])`;
export const NUMBER_WORDS = new RegExp(
  String.raw`(?<![\w-])(?:(?<sign>negative|minus)\s{1,2})?(?:(?<half>half|a half|a quarter|three quarters)(?=\s{1,2}(?:of\s)?an?\b|${EDGE})|(?<whole>${WHOLE})(?:\s{1,2}and\s{1,2}(?:(?<top>an?|one|two|three|four)\s{1,2})(?<part>${PART})|[\s-](?<only>${PART}))?)${EDGE}`,
  'gi',
);

/** What words come to, as a quotient of whole numbers; undefined where they are no number: "twenty thirty". */
export function valueOfWords(
  groups: Readonly<Record<string, string | undefined>>,
): { top: bigint; bottom: bigint } | undefined {
  const { half, whole = '', top, part, only } = groups;
  if (half) return { top: /three/i.test(half) ? 3n : 1n, bottom: /quarter/i.test(half) ? 4n : 2n };
  const value = wholeOf(whole);
  if (value === undefined) return undefined;
  const bottom = BigInt(PARTS[(part ?? only ?? '').toLowerCase()] ?? 1);
  if (only) return { top: value, bottom };
  if (!part) return { top: value, bottom: 1n };
  return { top: value * bottom + BigInt(VALUES.get(top!.toLowerCase()) ?? 1), bottom };
}

function wholeOf(words: string): bigint | undefined {
  let [total, group, last] = [0, 0, Infinity];
  for (const word of words.toLowerCase().split(/[\s-]+/)) {
    if (word === 'and' || word === 'a' || word === 'an') continue;
    const value = VALUES.get(word);
    if (word === 'dozen') group = 12;
    else if (word === 'hundred') {
      if (group >= 100 || last === 100) return undefined;
      [group, last] = [(group || 1) * 100, 100];
    } else if (value === undefined) {
      total += (group || 1) * SCALES[word]!;
      [group, last] = [0, 1000];
    } else {
      // "twenty thirty" and "three two" are two numbers; "twenty three" is one.
      const fits =
        group === 0 || (group % 100 === 0 && group >= 100) || (last >= 20 && last < 100 && value < 10 && value > 0);
      if (!fits) return undefined;
      [group, last] = [group + value, value];
    }
  }
  return BigInt(total + group);
}
