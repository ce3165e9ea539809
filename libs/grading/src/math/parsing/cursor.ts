import { MAX_DEPTH, Unreadable } from '../limits.ts';
import type { Node } from '../tree/node.ts';
import type { Token } from './tokenise.ts';

type Rule = (cursor: Cursor) => Node;

/**
 * Rules that what stands within them refers to again: a bracket is an atom that holds a list, whose items are sums of atoms. Rules
 * import those below them, and get these from the cursor.
 */
export interface Grammar {
  readonly list: Rule;
  readonly side: Rule;
  /** Behind the open bracket. */
  readonly bracket: (cursor: Cursor, open: '(' | '[' | ']') => Node;
  /** Behind `{`. */
  readonly group: Rule;
  /** Behind `\{`. */
  readonly set: Rule;
  readonly sum: Rule;
  readonly factor: Rule;
  /** What a command or `^` applies to; of a number one digit, unless `whole`. */
  readonly argument: (cursor: Cursor, whole?: boolean) => Node;
}

/** A position in the tokens of an answer. */
export class Cursor {
  private at = 0;
  private depth = 0;
  /** How many `|…|` are open: the next bar closes one. */
  bars = 0;

  constructor(
    private tokens: readonly Token[],
    readonly grammar: Grammar,
  ) {}

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.at + ahead];
  }

  get isAtEnd(): boolean {
    return this.at >= this.tokens.length;
  }

  next(): Token {
    const token = this.tokens[this.at];
    if (!token) throw new Unreadable('ends too early');
    this.at += 1;
    return token;
  }

  /** Whether the next token is that mark. */
  isMark(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token?.type === 'mark' && token.text === text;
  }

  isCommand(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token?.type === 'command' && token.text === text;
  }

  /** Passes that mark where it comes next. */
  take(text: string): boolean {
    if (!this.isMark(text)) return false;
    this.at += 1;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) throw new Unreadable(`no "${text}"`);
  }

  /** Reads something nested, at most MAX_DEPTH deep. */
  nested<T>(read: () => T): T {
    if (this.depth >= MAX_DEPTH) throw new Unreadable('nested too deep');
    this.depth += 1;
    try {
      return read();
    } finally {
      this.depth -= 1;
    }
  }

  /** Puts tokens in place of the next one: `\frac12` takes one digit of "12". */
  replaceNext(...tokens: Token[]): void {
    this.tokens = [...this.tokens.slice(0, this.at), ...tokens, ...this.tokens.slice(this.at + 1)];
  }

  /** What `read` yields, or undefined where it finds no maths: nothing is passed then. */
  attempt<T>(read: () => T | undefined): T | undefined {
    const [start, bars] = [this.at, this.bars];
    let value: T | undefined;
    try {
      value = read();
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
    if (value === undefined) [this.at, this.bars] = [start, bars];
    return value;
  }

  mark(): number {
    return this.at;
  }

  reset(to: number): void {
    this.at = to;
  }
}
