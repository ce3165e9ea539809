/** The options of a problem, and which of them a text begins with. */
import type { Choice } from '../verdict.ts';
import { clean } from './clean.ts';

export interface Option {
  readonly label: string;
  /** As a reader sees it, without final punctuation. */
  readonly words: string;
  readonly lower: string;
  /** Without its article. */
  readonly bare: string;
}

export class Options {
  readonly all: readonly Option[];
  readonly areDigits: boolean;
  /** Whether all are numbers without units. */
  readonly areNumbers: boolean;
  private readonly haveNumbers: boolean;

  constructor(choices: readonly Choice[]) {
    this.all = choices.map(({ label, text }) => {
      const words = withoutEnd(clean(text).text);
      const lower = words.toLowerCase();
      return { label, words, lower, bare: withoutArticle(lower) };
    });
    this.areDigits = choices.some(({ label }) => /\d/.test(label));
    this.areNumbers = this.all.every(({ words }) => /^-?\d[\d.,]*$/.test(words));
    this.haveNumbers = this.all.some(({ words }) => /^[-+]?\d/.test(words));
  }

  /** The label that a letter or digit means: itself, or the option at its position where labels are of the other kind. */
  labelOf(symbol: string): string | undefined {
    const upper = symbol.toUpperCase();
    const direct = this.all.find(({ label }) => label.toUpperCase() === upper);
    if (direct) return direct.label;
    const isDigit = /^\d+$/.test(upper);
    // Beside options that are numbers a number is no position.
    if (isDigit === this.areDigits || (isDigit && this.haveNumbers)) return undefined;
    return this.all[isDigit ? Number(upper) - 1 : upper.charCodeAt(0) - 65]?.label;
  }

  optionOf(label: string): Option {
    return this.all.find((option) => option.label === label)!;
  }

  /**
   * The options whose words a text begins with, of several the longest. In the same letters, where that decides; else without case,
   * else without articles. More than one where options differ in less than that.
   */
  startOf(text: string): { readonly options: readonly Option[]; readonly length: number } | undefined {
    const lower = text.toLowerCase();
    const article = ARTICLE.exec(lower)?.[0].length ?? 0;
    const ways: ((option: Option) => number)[] = [
      ({ words }) => startLength(text, words),
      ({ lower: words }) => startLength(lower, words),
      ({ lower: words, bare }) =>
        Math.max(
          shifted(startLength(lower.slice(article), words), article),
          shifted(startLength(lower.slice(article), bare), article),
        ),
    ];
    const lengths = this.all.map((option) => Math.max(...ways.map((way) => way(option))));
    const length = Math.max(0, ...lengths);
    if (length === 0) return undefined;
    const longest = this.all.filter((_, index) => lengths[index] === length);
    const way = ways.find((candidate) => longest.some((option) => candidate(option) === length))!;
    return { options: longest.filter((option) => way(option) === length), length };
  }
}

const ARTICLE = /^(?:an?|the) /i;
const withoutArticle = (text: string): string => text.replace(ARTICLE, '');
const withoutEnd = (text: string): string => text.trim().replace(/[\s.!?,;:]+$/, '');
const shifted = (length: number, by: number): number => (length > 0 ? length + by : 0);

/** How long the words are where a text begins with them as whole words and numbers; else 0. */
function startLength(text: string, words: string): number {
  if (words === '' || !text.startsWith(words)) return 0;
  const behind = text.slice(words.length, words.length + 2);
  const goesOn = /\w$/.test(words) ? /^(?:[\w%°]|[.,:/^-]\d|-\w|'[a-z])/i : /^$(?!)/;
  return goesOn.test(behind) ? 0 : words.length;
}
