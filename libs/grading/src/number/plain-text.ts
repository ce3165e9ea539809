/** Other scripts' digits and signs as those of ASCII, so that every reader knows one kind. */

/** Full-width and look-alike signs; invisible characters go. */
const SIGNS: Readonly<Record<string, string>> = {
  ...{
    '－': '-',
    '＋': '+',
    '．': '.',
    '，': ',',
    '％': '%',
    '＄': '$',
    '￡': '£',
    '￥': '¥',
    '／': '/',
    '：': ':',
    '＝': '=',
  },
  ...{ '（': '(', '）': ')', '［': '[', '］': ']', '｛': '{', '｝': '}', '＊': '*', '＃': '#', '∕': '/', '⁄': '/' },
  ...{
    '。': '.',
    '、': ',',
    '；': ';',
    '！': '!',
    '？': '?',
    '【': '(',
    '】': ')',
    '「': '(',
    '」': ')',
    '『': '(',
    '』': ')',
  },
  ...{ '٫': '.', '٬': ',', '‑': '-', '‐': '-', '‒': '-', '﹣': '-', '∶': ':' },
  ...{ '\u200b': '', '\u200c': '', '\u200d': '', '\u2060': '', '\ufeff': '', '\u00ad': '', '\u200e': '', '\u200f': '' },
};
const STRANGE = new RegExp(`${Object.keys(SIGNS).join('|')}|(?![0-9])\\p{Nd}|[Ａ-Ｚａ-ｚⒶ-ⓩ①-⑨]`, 'gu');
// eslint-disable-next-line no-control-regex -- ASCII is what needs no look
const ASCII = /^[\x00-\x7f]*$/;

const isDigit = (point: number): boolean => /^\p{Nd}$/u.test(String.fromCodePoint(point));

/** The digits of a script stand in rows of ten, from 0. */
function digitOf(point: number): string {
  let zero = point;
  while (isDigit(zero - 1)) zero -= 1;
  return String((point - zero) % 10);
}

function plainSign(sign: string): string {
  const known = SIGNS[sign];
  if (known !== undefined) return known;
  const point = sign.codePointAt(0)!;
  if (point >= 0xff21 && point <= 0xff5a) return String.fromCharCode(point - 0xfee0);
  if (point >= 0x2460 && point <= 0x24e9) return sign.normalize('NFKC');
  return digitOf(point);
}

export interface PlainText {
  readonly text: string;
  /** Where in the original text a position of the plain one is. */
  readonly originOf: (position: number) => number;
}

/** A text with digits and signs of ASCII. */
export function plainText(original: string): PlainText {
  if (ASCII.test(original)) return { text: original, originOf: (position) => position };
  /** Positions of the plain text from which on it is shorter than the original, and by how much. */
  const shifts: { readonly at: number; readonly by: number }[] = [];
  let by = 0;
  const text = original.replace(STRANGE, (sign: string, index: number) => {
    const plain = plainSign(sign);
    if (plain.length !== sign.length) {
      by += sign.length - plain.length;
      shifts.push({ at: index + sign.length - by, by });
    }
    return plain;
  });
  return { text, originOf: (position) => position + (shifts.findLast(({ at }) => at <= position)?.by ?? 0) };
}
