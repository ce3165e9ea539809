/** What several rules of the grammar ask of the next tokens. */
import type { Cursor } from './cursor.ts';
import { OPERATORS } from '../notation/words.ts';

/** Whether the next token can begin a factor without a sign of multiplication. */
export function startsAtom(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (!token || token.type === 'text') return false;
  if (token.type === 'command') return !NO_ATOMS.has(token.text);
  if (token.type !== 'mark') return true;
  if (token.text === '(') return !cursor.isCommand('bmod', 1) && !cursor.isCommand('pmod', 1);
  return token.text === '{' || (token.text === '|' && cursor.bars === 0);
}

const NO_ATOMS: ReadonlySet<string> = new Set(['rfloor', 'rceil', 'end', 'bmod', 'pmod', ...OPERATORS]);

/** The tokens of a group, or one token, as text. */
export function groupText(cursor: Cursor): string {
  if (!cursor.take('{')) return cursor.next().text;
  let content = '';
  for (let depth = 1; ;) {
    const token = cursor.next();
    depth += token.text === '{' ? 1 : token.text === '}' ? -1 : 0;
    if (depth === 0) return content;
    content += token.text;
  }
}

/** Reads with no bar open: brackets begin anew. */
export function withoutBars<T>(cursor: Cursor, read: () => T): T {
  const { bars } = cursor;
  cursor.bars = 0;
  const value = read();
  cursor.bars = bars;
  return value;
}
