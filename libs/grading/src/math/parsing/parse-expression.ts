/** Sums, products, powers and what stands behind a value. */
import { call, negative, number, product, quantity, sum, writtenNumber } from '../tree/build.ts';
import type { Cursor } from './cursor.ts';
import { Unreadable } from '../limits.ts';
import type { Node } from '../tree/node.ts';
import { startsAtom } from './lookahead.ts';
import { CURRENCIES, parseAtom } from './parse-atom.ts';
import { OPERATORS } from '../notation/words.ts';

export function parseSum(cursor: Cursor): Node {
  return cursor.nested(() => {
    const terms: Node[] = [];
    do terms.push(parseTerm(cursor));
    while (['+', '-', '±', '∓'].some((sign) => cursor.isMark(sign)));
    return sum(terms);
  });
}

function parseTerm(cursor: Cursor): Node {
  if (cursor.take('+')) return parseTerm(cursor);
  if (cursor.take('-')) return negative(parseTerm(cursor));
  if (cursor.take('±')) return { kind: 'plusMinus', value: parseTerm(cursor), sign: 1 };
  if (cursor.take('∓')) return { kind: 'plusMinus', value: parseTerm(cursor), sign: -1 };
  return parseProduct(cursor);
}

function parseProduct(cursor: Cursor): Node {
  let factors = [parseFactor(cursor)];
  for (;;) {
    if (cursor.take('*')) factors.push(parseSigned(cursor));
    else if (cursor.take('×')) factors.push(crossed(factors, parseSigned(cursor)));
    else if (isOperator(cursor)) factors = [call(cursor.next().text, product(factors), parseSigned(cursor))];
    else if (cursor.take('/')) factors = [{ kind: 'quotient', top: product(factors), bottom: parseSigned(cursor) }];
    else if (startsAtom(cursor)) factors.push(parseNeighbour(cursor, factors.at(-1)!));
    else return product(factors);
  }
}

function isOperator(cursor: Cursor): boolean {
  const token = cursor.peek();
  return token?.type === 'command' && OPERATORS.has(token.text);
}

/** The cross product of two vectors, or of two sets, takes the factor before the sign with it. */
function crossed(factors: Node[], right: Node): Node {
  return isVector(factors.at(-1)!) && isVector(right) ? call('cross', factors.pop()!, right) : right;
}

const isVector = (node: Node): boolean =>
  (node.kind === 'symbol' && (node.bold === true || node.name.startsWith('mathbb('))) ||
  (node.kind === 'call' && node.name === 'cross') ||
  ['set', 'tuple', 'matrix', 'list'].includes(node.kind);

/** A factor without a sign of multiplication; two numbers side by side are no product. */
function parseNeighbour(cursor: Cursor, before: Node): Node {
  if (cursor.peek()?.type === 'number' && before.kind === 'number') throw new Unreadable('two numbers side by side');
  return parseFactor(cursor);
}

function parseSigned(cursor: Cursor): Node {
  return cursor.nested(() => (cursor.take('-') ? negative(parseSigned(cursor)) : parseFactor(cursor)));
}

/** A value and all that is written behind it: powers, factorials, degrees, percent signs. */
export function parseFactor(cursor: Cursor): Node {
  let value = parseAtom(cursor);
  for (;;) {
    if (cursor.take('!')) value = call('factorial', value);
    else if (cursor.take('!!')) value = doubleFactorial(cursor, value);
    else if (cursor.take('%')) value = quantity(value, '%');
    else if (cursor.take('°')) value = degrees(cursor, value);
    else if (cursor.isMark('^')) value = parseExponent(cursor, value);
    else if (cursor.peek()?.type === 'mark' && CURRENCIES[cursor.peek()!.text])
      value = quantity(value, CURRENCIES[cursor.next().text]!);
    else return value;
  }
}

function parseExponent(cursor: Cursor, base: Node): Node {
  cursor.expect('^');
  if (takeDegree(cursor)) return degrees(cursor, base);
  return { kind: 'power', base, exponent: cursor.nested(() => parseArgument(cursor, true)) };
}

/** Each second number down to 1 or 2; more signs are other functions. */
function doubleFactorial(cursor: Cursor, value: Node): Node {
  if (cursor.isMark('!') || cursor.isMark('!!')) throw new Unreadable('more than two "!"');
  return call('doubleFactorial', value);
}

/** Degrees, and the minutes and seconds of arc behind them: 30°15'20''. */
function degrees(cursor: Cursor, value: Node): Node {
  const parts = [value];
  for (const [marks, size] of [
    [1, 60],
    [2, 3600],
  ] as const) {
    const token = cursor.peek();
    const isPart = token?.type === 'number' && cursor.isMark("'", 1) && cursor.isMark("'", 2) === (marks === 2);
    if (!isPart) continue;
    for (let passed = 0; passed <= marks; passed += 1) cursor.next();
    parts.push({ kind: 'quotient', top: writtenNumber(token.text), bottom: number(size) });
  }
  return quantity(sum(parts), 'degree');
}

/** `^\circ` and `^{\circ}`. */
function takeDegree(cursor: Cursor): boolean {
  const inside = cursor.isMark('{') ? 1 : 0;
  const isSign = cursor.isCommand('circ', inside) || cursor.isMark('°', inside);
  if (!isSign || (inside === 1 && !cursor.isMark('}', 2))) return false;
  for (let passed = 0; passed <= 2 * inside; passed += 1) cursor.next();
  return true;
}

/** What a command or `^` applies to: a group, or one sign. Of a number that is one digit, unless `whole`. */
export function parseArgument(cursor: Cursor, whole = false): Node {
  const token = cursor.peek();
  if (cursor.isMark('-') && whole) {
    cursor.next();
    return negative(parseArgument(cursor, whole));
  }
  if (token?.type === 'number' && !whole && token.text.length > 1) {
    const [first = '', rest = ''] = [token.text.slice(0, 1), token.text.slice(1)];
    cursor.replaceNext({ ...token, text: first }, { type: 'number', text: rest, spaced: false });
  }
  return parseAtom(cursor);
}
