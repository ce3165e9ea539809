/** Values of functions of which only the name is known: f(x), P(A | B), f^{-1}(3). */
import { call } from '../tree/build.ts';
import type { Cursor } from './cursor.ts';
import type { Node } from '../tree/node.ts';
import { groupText } from './lookahead.ts';

/** Letters that name a function where a bracket follows. */
const FUNCTION_LETTERS: ReadonlySet<string> = new Set(['f', 'g']);
/** Letters that hardly anybody multiplies by a bracket with a number: "P(2)", but "x(2)". */
const OFTEN_FUNCTIONS = /^[A-Zhpqr]$/;

/** Whether what follows a letter may be the input of a function. */
export function startsCall(cursor: Cursor, letter: string): boolean {
  if (letter === 'e' || letter === 'i') return false;
  return cursor.isMark('(') || (cursor.isMark('^') && /^[fgh]$/.test(letter));
}

/**
 * Behind the name: its inputs. A letter before a bracket is a factor as a rule, `k(k+1)`; a function is what is known as one, what
 * has one sign for its input, `p(x)`, and a probability, whose input is no number.
 */
export function parseCall(cursor: Cursor, letter: string, name: string): Node | undefined {
  const full = name + iteration(cursor);
  if (!cursor.isMark('(')) return undefined;
  const isFunction = full !== name || FUNCTION_LETTERS.has(letter) || hasSingleInput(cursor, letter);
  cursor.next();
  const inner = cursor.attempt(() => cursor.grammar.bracket(cursor, '('));
  if (!inner) return letter === 'P' ? call(full, parseCondition(cursor)) : undefined;
  if (inner.kind === 'tuple') return ofList(letter, full, inner, isFunction);
  return isFunction || IS_EVENT.has(inner.kind) ? call(full, inner) : undefined;
}

const IS_EVENT: ReadonlySet<Node['kind']> = new Set(['relation', 'setOperation', 'text']);

/** `C(5,2)` counts, `A(1,2)` is a point with its name, and small letters are functions. */
function ofList(letter: string, name: string, inner: Extract<Node, { kind: 'tuple' }>, isFunction: boolean): Node {
  if (name === 'C' && inner.items.length === 2) return call('binomial', ...inner.items);
  return !isFunction && /^[A-Z]$/.test(letter) ? inner : call(name, ...inner.items);
}

/** `^{-1}`, `^{(n)}`: which function it is. */
function iteration(cursor: Cursor): string {
  return (
    cursor.attempt(() => {
      if (!cursor.take('^')) return undefined;
      const text = groupText(cursor);
      return cursor.isMark('(') && /^(?:-1|\(.*\))$/.test(text) ? `^${text}` : undefined;
    }) ?? ''
  );
}

function hasSingleInput(cursor: Cursor, letter: string): boolean {
  const input = cursor.peek(1);
  if (!cursor.isMark(')', 2)) return false;
  return input?.type === 'letter' || (input?.type === 'number' && OFTEN_FUNCTIONS.test(letter));
}

/** `A | B)`: one event on condition of another. */
function parseCondition(cursor: Cursor): Node {
  cursor.bars += 1;
  const event = cursor.grammar.list(cursor);
  cursor.expect('|');
  cursor.bars -= 1;
  const condition = cursor.grammar.list(cursor);
  cursor.expect(')');
  return call('given', event, condition);
}
