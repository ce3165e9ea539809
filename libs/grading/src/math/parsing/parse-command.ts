/** Commands with a grammar of their own: functions and matrices. */
import { call, number, product } from '../tree/build.ts';
import type { Cursor } from './cursor.ts';
import { Unreadable } from '../limits.ts';
import type { Node } from '../tree/node.ts';
import { groupText, startsAtom, withoutBars } from './lookahead.ts';
import { COMMAND_FUNCTIONS, FUNCTIONS } from '../notation/words.ts';

/** `\sin^2 x`, `\log_2 8`, `\sin^{-1} x`. */
export function parseFunction(cursor: Cursor, name: string): Node {
  let exponent: Node | undefined;
  let base: Node | undefined;
  for (;;) {
    if (!exponent && cursor.take('^')) exponent = cursor.grammar.argument(cursor, true);
    else if (!base && cursor.take('_')) base = cursor.grammar.argument(cursor, true);
    else break;
  }
  const input = parseInput(cursor);
  if (exponent && isMinusOne(exponent)) return apply(`arc${name}`, input, base);
  const value = apply(name, input, base);
  return exponent ? { kind: 'power', base: value, exponent } : value;
}

function apply(name: string, input: Node, base: Node | undefined): Node {
  if (name === 'log' || name === 'lg') return call('log', input, base ?? number(10));
  if (base) throw new Unreadable(`\\${name} has no base`);
  if (name === 'exp') return { kind: 'power', base: { kind: 'constant', name: 'e' }, exponent: input };
  if (Object.hasOwn(PLAIN_NAMES, name)) return call(PLAIN_NAMES[name]!, input);
  return call(name, ...(SEVERAL.has(name) ? inputsOf(input) : [input]));
}

/** Names in programs of what has signs of its own. */
const PLAIN_NAMES: Readonly<Record<string, string>> = { abs: 'absolute', floor: 'floor', ceil: 'ceiling' };

/** Functions of as many inputs as there are, in any order. */
const SEVERAL: ReadonlySet<string> = new Set(['max', 'min', 'gcd', 'lcm']);

const inputsOf = (node: Node): readonly Node[] =>
  node.kind === 'tuple' || node.kind === 'set' || node.kind === 'list' ? node.items : [node];

const isMinusOne = (node: Node): boolean =>
  node.kind === 'negative' && node.value.kind === 'number' && node.value.value.equals(1);

/** A group, or the factors up to the next sign or function: \sin 5x \cos x is (sin 5x)(cos x). */
function parseInput(cursor: Cursor): Node {
  if (cursor.isMark('(') || cursor.isMark('{')) {
    const opened = cursor.isMark('(');
    const first = cursor.grammar.argument(cursor);
    if (opened) return first;
    return product([first]);
  }
  if (cursor.take('-')) return { kind: 'negative', value: parseInput(cursor) };
  const factors = [cursor.grammar.factor(cursor)];
  while (startsAtom(cursor) && !isFunction(cursor)) factors.push(cursor.grammar.factor(cursor));
  return product(factors);
}

function isFunction(cursor: Cursor): boolean {
  const token = cursor.peek();
  return token?.type === 'command' && (FUNCTIONS.has(token.text) || COMMAND_FUNCTIONS.has(token.text));
}

const MATRICES = new Set(['matrix', 'pmatrix', 'bmatrix', 'Bmatrix', 'smallmatrix', 'array']);

/** Behind `\begin`: the cells of a matrix. */
export function parseMatrix(cursor: Cursor): Node {
  const environment = groupText(cursor);
  if (!MATRICES.has(environment)) throw new Unreadable(`\\begin{${environment}}`);
  if (environment === 'array' && cursor.isMark('{')) groupText(cursor);
  const rows = withoutBars(cursor, () => parseRows(cursor));
  cursor.next();
  groupText(cursor);
  return { kind: 'matrix', rows };
}

function parseRows(cursor: Cursor): Node[][] {
  const rows: Node[][] = [];
  while (!cursor.isCommand('end')) {
    const row = [cursor.grammar.sum(cursor)];
    while (cursor.take('&')) row.push(cursor.grammar.sum(cursor));
    rows.push(row);
    if (!cursor.take('\\\\') && !cursor.isCommand('end')) throw new Unreadable('a cell ends unexpectedly');
  }
  return rows;
}
