import { balancedGroup } from '../notation/braces.ts';
import { MAX_TOKENS, Unreadable } from '../limits.ts';
import { isUnit } from '../notation/units.ts';
import { numberOfWords } from '../notation/number-words.ts';
import {
  BOLD,
  COMMAND_FUNCTIONS,
  FUNCTIONS,
  LOOKS,
  MARKS,
  NUMBER_SETS,
  PLAIN_COMMANDS,
  SAME_COMMAND,
  SIGNS,
  TEXTS,
  isCommand,
  isWord,
} from '../notation/words.ts';

/** A piece of an answer. A numeral's text is `digits_base`; marks are operators, brackets and separators. */
export interface Token {
  readonly type: 'number' | 'numeral' | 'letter' | 'command' | 'text' | 'mark';
  readonly text: string;
  /** Whether white space stood before it: "1 1/2" is a mixed number. */
  readonly spaced: boolean;
  /** Of a letter: whether it is bold, as vectors and matrices are. */
  readonly bold?: boolean;
}

const NUMERAL =
  /([0-9A-Z]*\d[0-9A-Z]*(?:\.[0-9A-Z]+)?)\s*_\s*(?:\{\s*(?:\\text\s*\{)?\s*(\w+)\s*\}?\s*\}|\\text\s*\{\s*(\w+)\s*\}|(\d{1,2})(?!\d))/y;
/** Sixteen is the one base whose digits are written in small letters too, and without any from 0 to 9. */
const HEXADECIMAL = /([0-9a-f]*[a-f][0-9a-f]*)\s*_\s*(?:\{\s*(?:\\text\s*\{)?\s*16\s*\}?\s*\}|16(?!\d))/iy;
const GROUPED = /\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3}(?![\w.]))?/y;
/** A number of things, all of it text: \text{25 students}. */
const COUNTED = /^\s*(-?\d[\d.,]*)\s+((?!and\b|or\b|to\b|by\b|more\b|less\b)[a-z]{2,}(?:\s[a-z]{2,})?)\s*$/i;
const COMMAND = /\\([a-zA-Z]+|[^a-zA-Z])/y;
const LETTERS = /[a-zA-Z]+/y;
/** A segment by its ends, or a product. */
const PAIR = /^[A-Z]{2}$/;
/** A name of a function or constant with one variable behind it. */
const LEADING_COMMAND = /^(sin|cos|tan|cot|sec|csc|ln|log|exp|sqrt|pi)[xyzABCrdhn]$/;
const FOREIGN = /\p{L}+/uy;
const OPERATORS = /<=|>=|!=|<>|==|\*\*|!!|[-+*/^_!()[\]{}|,;:=<>&%°$£€'≈~]/y;
const SAME_MARK: Readonly<Record<string, string>> = { '**': '^', '==': '=', '<>': '!=', '≈': '~' };

/**
 * Splits a cleaned answer. With `grouping`, `1,234` outside of brackets is one number; else its comma separates two.
 */
export function tokenise(text: string, grouping: boolean): Token[] {
  return new Tokeniser(text, grouping).run();
}

class Tokeniser {
  private readonly tokens: Token[] = [];
  private at = 0;
  private brackets = 0;
  private spaced = false;

  constructor(
    private readonly text: string,
    private readonly grouping: boolean,
  ) {}

  run(): Token[] {
    while (this.at < this.text.length) {
      if (this.tokens.length > MAX_TOKENS) throw new Unreadable('too long');
      if (/\s/.test(this.text[this.at]!)) this.skip(1);
      else this.next();
    }
    return this.tokens;
  }

  private next(): void {
    const matched =
      this.numeral() || this.number() || this.command() || this.word() || this.foreignWord() || this.operator();
    if (!matched) throw new Unreadable(`"${this.text[this.at]}" is no part of maths`);
  }

  private numeral(): boolean {
    const hexadecimal = this.match(HEXADECIMAL);
    // A single letter with an index is a term of a sequence.
    if (hexadecimal && hexadecimal[1]!.length > 1) {
      const digits = hexadecimal[1]!.toUpperCase().replace(/^0+(?=\w)/, '');
      this.push('numeral', `${digits}_16`, hexadecimal[0].length);
      return true;
    }
    const match = this.match(NUMERAL);
    if (!match) return false;
    const [whole, digits = '', ...bases] = match;
    const written = bases.find((part) => part !== undefined) ?? '';
    const base = Number(numberOfWords(written) ?? written);
    const fits = [...digits.replace('.', '')].every((digit) => parseInt(digit, 36) < base);
    if (!(base >= 2 && base <= 36 && fits)) return false;
    this.push('numeral', `${digits.replace(/^0+(?=\w)/, '')}_${base}`, whole.length);
    return true;
  }

  private number(): boolean {
    const grouped = this.grouping && this.brackets === 0 ? this.match(GROUPED) : undefined;
    const match = grouped ?? this.match(NUMBER);
    if (!match) return false;
    this.push('number', match[0].replaceAll(',', ''), match[0].length);
    return true;
  }

  private command(): boolean {
    const match = this.match(COMMAND);
    if (!match) return this.text[this.at] === '\\' ? this.skip(1) : false;
    const written = match[1]!;
    // "\\quadx": the space behind the command was lost.
    const shorter = written.slice(0, -1);
    if (written.length > 2 && !isCommand(written) && isCommand(shorter)) {
      this.tokens.push(...new Tokeniser(`\\${shorter} `, this.grouping).run());
      return this.skip(1 + shorter.length);
    }
    const name = Object.hasOwn(SAME_COMMAND, written) ? SAME_COMMAND[written]! : written;
    if (BOLD.has(name)) this.boldLetter(match[0].length);
    else if (LOOKS.has(name)) this.skipLook(name, match[0].length);
    else if (SIGNS.has(name)) this.push('text', name, match[0].length);
    else if (NUMBER_SETS[name]) this.numberSet(NUMBER_SETS[name], match[0].length);
    else if (TEXTS.has(name)) this.textGroup(match[0].length);
    else if (MARKS[name] !== undefined) this.push('mark', MARKS[name], match[0].length);
    else this.push('command', name, match[0].length);
    return true;
  }

  /** `\mathbf{v}` and `\mathbf v`: only a single letter is another sign in bold. */
  private boldLetter(length: number): void {
    this.skip(length);
    const letter = /\s*(?:\{\s*([a-zA-Z])\s*\}|([a-zA-Z]))/y;
    letter.lastIndex = this.at;
    const match = letter.exec(this.text);
    if (!match) return;
    this.tokens.push({ type: 'letter', text: match[1] ?? match[2]!, spaced: true, bold: true });
    this.at += match[0].length;
  }

  private numberSet(letter: string, length: number): void {
    this.push('command', 'mathbb', length);
    this.tokens.push({ type: 'letter', text: letter, spaced: false });
  }

  /** `\left.` stands for no bracket at all. */
  private skipLook(name: string, length: number): void {
    this.skip(length);
    if ((name === 'left' || name === 'right') && this.text[this.at] === '.') this.skip(1);
  }

  private textGroup(length: number): void {
    const group = balancedGroup(this.text, this.at + length);
    const content = group?.content ?? '';
    this.skip(group ? group.end - this.at : length);
    const isVariable = /^\s*(?:[a-z]|\\[a-zA-Z]+)\s*$/.test(content) && !(this.endsInValue() && isUnit(content.trim()));
    const counted = COUNTED.exec(content);
    if (counted) {
      this.insert(counted[1]!);
      this.words(counted[2]!);
    } else if (isVariable || /^[-\d.,+\s]+$/.test(content) || FUNCTIONS.has(content.trim())) this.insert(content);
    else if (COMMAND_FUNCTIONS.has(content.trim()) && !this.endsInValue()) this.push('command', content.trim(), 0);
    else this.words(content);
  }

  /** Whether a unit may come next: "5\text{ m}", but not "\text{m} = 5". */
  private endsInValue(): boolean {
    const before = this.tokens.at(-1);
    return before !== undefined && (before.type !== 'mark' || ')]}%|'.includes(before.text));
  }

  /** Maths that stood in a text group. */
  private insert(content: string): void {
    this.tokens.push(...tokenise(content.trim(), this.grouping));
    this.spaced = true;
  }

  /** Text, split where it separates answers: "Monday, Tuesday and Friday". */
  private words(content: string): void {
    for (const part of content.split(/(\s+(?:and|or)\s+|^\s*(?:and|or)\s+|\s+(?:and|or)\s*$|^(?:and|or)$|,|;)/)) {
      const word = part.trim();
      if (word === '') continue;
      const isJoint = word === 'and' || word === 'or' || word === ',' || word === ';';
      this.tokens.push({ type: isJoint ? 'mark' : 'text', text: word, spaced: true });
    }
    this.spaced = true;
  }

  private word(): boolean {
    const match = this.match(LETTERS);
    if (!match) return false;
    const letters = match[0];
    const lower = letters.toLowerCase();
    // "1orW(x)": only behind a number can a joint touch what it joins.
    const glued = this.tokens.at(-1)?.type === 'number' && /^(?:or|and)(?=[A-Za-z]$)/.exec(letters)?.[0];
    if (glued) this.push('mark', glued, glued.length);
    else if (lower === 'and' || lower === 'or') this.push('mark', lower, letters.length);
    else if (lower === 'in' && /^\s*[[({]/.test(this.text.slice(this.at + 2, this.at + 8))) this.push('mark', 'in', 2);
    else if (lower === 'to' && this.isBetweenNumbers()) this.push('text', 'to', 2);
    else if (lower === 'u' && this.isBetweenSets()) this.push('mark', 'union', 1);
    else if (Object.hasOwn(PLAIN_COMMANDS, lower)) this.push('command', PLAIN_COMMANDS[lower]!, letters.length);
    else if (FUNCTIONS.has(lower)) this.push('command', lower, letters.length);
    else if (this.isUnitBehindValue(letters)) this.push('text', letters, letters.length);
    else if (LEADING_COMMAND.test(letters)) this.leadingCommand(letters);
    else if (isWord(letters) || (lower === 'no' && /^\s+[a-z]{3}/.test(this.text.slice(this.at + 2, this.at + 9))))
      this.push('text', letters, letters.length);
    else this.push('letter', PAIR.test(letters) ? letters : letters[0]!, PAIR.test(letters) ? 2 : 1);
    return true;
  }

  /** "3 to 8". */
  private isBetweenNumbers(): boolean {
    return this.tokens.at(-1)?.type === 'number' && /^\s*\d/.test(this.text.slice(this.at + 2, this.at + 8));
  }

  /** "(1,2) U (3,4)". */
  private isBetweenSets(): boolean {
    const before = this.tokens.at(-1);
    return (
      before?.type === 'mark' &&
      ')]\\}'.includes(before.text) &&
      /^\s*(?:[[({]|\\\{)/.test(this.text.slice(this.at + 1, this.at + 8))
    );
  }

  /** "sinx" and "2pir": a function or constant that touches a variable. */
  private leadingCommand(letters: string): void {
    const name = LEADING_COMMAND.exec(letters)![1]!;
    this.push('command', PLAIN_COMMANDS[name] ?? name, name.length);
  }

  /** Letters of other scripts are words: names and units. */
  private foreignWord(): boolean {
    const match = this.match(FOREIGN);
    if (!match) return false;
    this.push('text', match[0], match[0].length);
    return true;
  }

  /** "5 cm", "3\\pi cm"; a single letter is a variable: "5 m" is a product. */
  private isUnitBehindValue(letters: string): boolean {
    if (letters.length < 2 || !isUnit(letters)) return false;
    const before = this.tokens.at(-1);
    if (before?.type === 'number' || (before?.type === 'command' && before.text === 'pi')) return true;
    return before?.type === 'mark' && (before.text === '}' || before.text === ')') && letters !== 'in';
  }

  private operator(): boolean {
    const match = this.match(OPERATORS);
    if (!match) return false;
    if ('(['.includes(match[0])) this.brackets += 1;
    if (')]'.includes(match[0])) this.brackets -= 1;
    this.push('mark', SAME_MARK[match[0]] ?? match[0], match[0].length);
    return true;
  }

  private match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text) ?? undefined;
  }

  private push(type: Token['type'], text: string, length: number): void {
    if (text === '\\{') this.brackets += 1;
    if (text === '\\}') this.brackets -= 1;
    this.tokens.push({ type, text, spaced: this.spaced });
    this.spaced = false;
    this.at += length;
  }

  private skip(length: number): boolean {
    this.at += length;
    this.spaced = true;
    return true;
  }
}
