/** Lists, relations, sets and units: what answers are made of. */
import { call, number, product, quantity, symbol, text } from '../tree/build.ts';
import { Cursor, type Grammar } from './cursor.ts';
import { Unreadable } from '../limits.ts';
import {
  RELATIONS,
  SET_OPERATORS,
  type Joint,
  type Node,
  type NodeOf,
  type Relation,
  type SetOperator,
} from '../tree/node.ts';
import { groupText, withoutBars } from './lookahead.ts';
import { congruence, parseModulus, withModulus } from './parse-congruence.ts';
import { parseArgument, parseFactor, parseSum } from './parse-expression.ts';
import { tokenise, type Token } from './tokenise.ts';
import { totalOf } from './total.ts';
import { areAddable, unitName } from '../notation/units.ts';

/**
 * Parses a cleaned answer. With `grouping`, `1,234` is one number.
 *
 * @throws Unreadable where the text is no maths that is understood
 */
export function parseAnswer(cleaned: string, grouping: boolean): Node {
  const cursor = new Cursor(tokenise(cleaned, grouping), GRAMMAR);
  const node = parseInfix(cursor);
  if (!cursor.isAtEnd) throw new Unreadable(`"${cursor.peek()!.text}" is left over`);
  return node;
}

const GRAMMAR: Grammar = {
  list: parseList,
  side: parseSide,
  bracket: parseBracket,
  group: parseGroup,
  set: parseSet,
  sum: parseSum,
  factor: parseFactor,
  argument: parseArgument,
};

/** A list, or TeX's own way of writing what stands above what: `n \choose k`, `a \over b`. */
function parseInfix(cursor: Cursor): Node {
  const top = parseList(cursor);
  if (cursor.take('choose')) return call('binomial', top, parseList(cursor));
  return cursor.take('over') ? { kind: 'quotient', top, bottom: parseList(cursor) } : top;
}

/** Items joined by semicolons, each of which may be a list. */
function parseList(cursor: Cursor): Node {
  return cursor.nested(() => {
    const parts = [parseCommas(cursor)];
    while (cursor.take(';')) parts.push(parseCommas(cursor));
    return parts.length === 1 ? parts[0]! : { kind: 'list', items: parts, joint: ';' };
  });
}

function parseCommas(cursor: Cursor): Node {
  const items = [parseItem(cursor)];
  let joint: Joint = ',';
  for (let next; (next = takeJoint(cursor));) {
    if (next !== ',') joint = next;
    if (cursor.isAtEnd) break;
    items.push(parseItem(cursor));
  }
  return items.length === 1 ? items[0]! : listOf(items, joint);
}

/** What stands behind the last item may be said of all: `1, 3 \pmod 4`, `x \ne 1, 2`; "5 feet and 3 inches" is one value. */
function listOf(items: readonly Node[], joint: Joint): Node {
  const total = joint === 'and' || joint === ',' ? totalOf(items) : undefined;
  return total ?? { kind: 'list', items: withoutAll(withModulus(items)), joint };
}

/** "," and "or" and ", and"; a logical sign behind a relation. */
function takeJoint(cursor: Cursor): Joint | undefined {
  let found: Joint | undefined;
  for (const joint of [',', 'and', 'or'] as const) if (cursor.take(joint)) found = joint;
  return found ?? (cursor.take('land') ? 'and' : cursor.take('lor') ? 'or' : undefined);
}

function parseItem(cursor: Cursor): Node {
  if (cursor.take('~')) return { kind: 'approximate', value: parseItem(cursor) };
  cursor.take('=');
  const parts = [parseSide(cursor)];
  const operators: Relation[] = [];
  for (let operator; (operator = takeOneOf(cursor, RELATIONS));) {
    operators.push(operator);
    parts.push(parseSide(cursor));
  }
  const modulus = parseModulus(cursor);
  if (modulus) return congruence(parts, operators, modulus);
  // An identity is an equation.
  const plain = operators.map((operator) => (operator === '≡' ? '=' : operator));
  if (operators.length > 0) return { kind: 'relation', parts: parts.map(named), operators: plain };
  return parseLogic(cursor, parts[0]!);
}

/** `p \land q`. */
function parseLogic(cursor: Cursor, first: Node): Node {
  let left = first;
  for (let sign; (sign = (['land', 'lor'] as const).find((mark) => cursor.take(mark)));)
    left = call(sign, left, parseSide(cursor));
  return left;
}

/** On a side of a relation, text is a name: "Area = 5". */
const named = (node: Node): Node => (node.kind === 'text' ? symbol(node.text) : node);

function takeOneOf<T extends string>(cursor: Cursor, marks: readonly T[]): T | undefined {
  return marks.find((mark) => cursor.take(mark));
}

function parseSide(cursor: Cursor): Node {
  let left = parseRatio(cursor);
  for (let operator: SetOperator | undefined; (operator = takeOneOf(cursor, SET_OPERATORS));) {
    left = { kind: 'setOperation', operator, left, right: parseRatio(cursor) };
  }
  return left;
}

function parseRatio(cursor: Cursor): Node {
  const parts = [parseQuantity(cursor)];
  while (cursor.take(':') || takeTo(cursor)) parts.push(parseQuantity(cursor));
  return parts.length === 1 ? parts[0]! : { kind: 'ratio', parts };
}

/** "3 to 8". */
function takeTo(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (token?.type !== 'text' || token.text !== 'to' || cursor.peek(1)?.type !== 'number') return false;
  cursor.next();
  return true;
}

function parseQuantity(cursor: Cursor): Node {
  if (cursor.peek()?.type === 'text') return parseText(cursor);
  const first = parseMeasured(cursor);
  if (first.kind !== 'quantity') return first;
  const items = [first];
  for (
    let next;
    (next = cursor.peek()?.type === 'number' ? cursor.attempt(() => parseSmaller(cursor, items[0]!)) : undefined);
  )
    items.push(next);
  return totalOf(items) ?? first;
}

/** The minutes of "2 hours 15 minutes". */
function parseSmaller(cursor: Cursor, larger: NodeOf<'quantity'>): NodeOf<'quantity'> | undefined {
  const next = parseMeasured(cursor);
  return next.kind === 'quantity' && areAddable(larger.unit, next.unit) ? next : undefined;
}

/** A value with the unit behind it. */
function parseMeasured(cursor: Cursor): Node {
  const value = parseSum(cursor);
  const unit = parseUnit(cursor);
  if (unit === '' || RADIANS.test(unit)) return value;
  if (value.kind === 'quantity') return quantity(value.value, unitOf(`${value.unit} ${unit}`));
  const [first = '', ...rest] = unit.split(' ');
  const multiple = MULTIPLES[first.toLowerCase()];
  if (multiple === undefined) return quantity(value, unitOf(unit));
  const multiplied = product([value, number(multiple)]);
  return rest.length === 0 ? multiplied : quantity(multiplied, unitOf(rest.join(' ')));
}

/** An angle in radians is its number. */
const RADIANS = /^rad(?:ian)?s?$/i;

/** Text behind a value, with its power: \text{ cm}^2. */
function parseUnit(cursor: Cursor): string {
  const words: string[] = [];
  while (cursor.peek()?.type === 'text' ? !isRatio(cursor) : words.length > 0 && isUnitSign(cursor))
    words.push(cursor.next().text);
  return words.join(' ').replace(/ ?\/ ?/g, '/');
}

const isRatio = (cursor: Cursor): boolean => cursor.peek()?.text === 'to' && cursor.peek(1)?.type === 'number';

const MULTIPLES: Readonly<Record<string, number>> = {
  dozen: 12,
  hundred: 100,
  thousand: 1000,
  million: 1_000_000,
  billion: 1_000_000_000,
  trillion: 1_000_000_000_000,
};

/** Words that say more than what is counted: "5 or more", "5 less than x". */
const NO_UNIT = /\b(?:not|no|more|less|fewer|than|plus|minus|times|if|when|except|to|at|least|most|half|any|all)\b/i;
const MAX_UNIT_WORDS = 5;

function unitOf(written: string): string {
  const unit = unitName(written);
  if (NO_UNIT.test(written) || /(?<!\^-?)\d/.test(unit) || unit.split(' ').length > MAX_UNIT_WORDS)
    throw new Unreadable(`"${written}" is no unit`);
  return unit;
}

function isUnitSign(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (token?.type === 'letter') return true;
  if (token?.type === 'number') return cursor.isMark('^', -1) || cursor.isMark('{', -1) || cursor.isMark('-', -1);
  return (
    token?.type === 'mark' && ['^', '/', '{', '}', '-', '(', ')'].includes(token.text) && !closesBracket(cursor, token)
  );
}

/** A bracket or brace that was not opened within the unit belongs to what is around it. */
function closesBracket(cursor: Cursor, token: Token): boolean {
  if (token.text === '}') return !cursor.isMark('{', -2);
  return token.text === ')' || token.text === '(';
}

const HEDGE = /^(?:approximately|approx\.?|about|roughly|around|exactly)$/i;
const INTRODUCTION = /(?:\b(?:is|are|equals)|:)$/i;
const CHOICE_LABEL = /^\(?[A-H]\)?[.:)]?$/;

/** Text on its own; with maths behind it, the maths counts where the text only introduces it, else all is text. */
function parseText(cursor: Cursor): Node {
  const start = cursor.mark();
  const words: string[] = [];
  while (cursor.peek()?.type === 'text') words.push(cursor.next().text);
  if (endsItem(cursor)) return text(words.join(' '));
  if (words.every((word) => HEDGE.test(word) || CHOICE_LABEL.test(word) || INTRODUCTION.test(word)))
    return parseQuantity(cursor);
  cursor.reset(start);
  const all: string[] = [];
  while (!endsItem(cursor)) all.push(cursor.next().text);
  return text(all.join(' '));
}

function endsItem(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (!token) return true;
  return token.type === 'mark' && ITEM_ENDS.has(token.text);
}

/** `x \ne 1, 2` is not 1 and is not 2. */
function withoutAll(items: readonly Node[]): readonly Node[] {
  const [first, ...others] = items;
  if (first?.kind !== 'relation' || first.operators.join() !== '!=') return items;
  if (others.some(({ kind }) => kind === 'relation' || kind === 'text')) return items;
  return [first, ...others.map((value): Node => ({ ...first, parts: [first.parts[0]!, value] }))];
}

const ITEM_ENDS: ReadonlySet<string> = new Set([
  ...[',', ';', 'and', 'or', ')', ']', '}', '\\}', '|', '&', '\\\\', 'land', 'lor'],
  ...RELATIONS,
  ...SET_OPERATORS,
]);

/** Behind an open bracket: a value in brackets, a point or an interval. */
function parseBracket(cursor: Cursor, written: '(' | '[' | ']'): Node {
  const inner = withoutBars(cursor, () => parseList(cursor));
  // ]a, b[ is (a, b).
  const open = written === ']' ? '(' : written;
  const close = cursor.take(')') || cursor.take('[') ? ')' : cursor.take(']') ? ']' : undefined;
  if (!close) throw new Unreadable('a bracket is not closed');
  if (inner.kind === 'list' && inner.joint !== 'or' && inner.joint !== 'and')
    return { kind: 'tuple', open, close, items: inner.items };
  if ((open === '(') !== (close === ')')) throw new Unreadable('brackets do not match');
  return inner.kind === 'call' && inner.name === 'circ' ? composed(cursor, inner) : inner;
}

/** `(f \circ g)(x)` is f(g(x)). */
function composed(cursor: Cursor, node: NodeOf<'call'>): Node {
  const [outer, inner] = node.inputs;
  if (!cursor.isMark('(') || outer?.kind !== 'symbol' || inner?.kind !== 'symbol') return node;
  cursor.next();
  return call(outer.name, call(inner.name, parseBracket(cursor, '(')));
}

/** Behind `{`. */
function parseGroup(cursor: Cursor): Node {
  const inner = withoutBars(cursor, () => parseInfix(cursor));
  cursor.expect('}');
  return inner;
}

/** Behind `\{`: the items of a set, or its rule: \{x | x > 2\}, \{x \in \mathbb{R} : x > 2\}. */
function parseSet(cursor: Cursor): Node {
  if (cursor.take('\\}')) return { kind: 'set', items: [] };
  const isRule = passElement(cursor);
  const inner = withoutBars(cursor, () => parseList(cursor));
  cursor.expect('\\}');
  if (isRule) return inner;
  return { kind: 'set', items: inner.kind === 'list' ? inner.items : [inner] };
}

/** Passes the `x |` or `x \in \mathbb{R} :` of a set that is given by a rule. */
function passElement(cursor: Cursor): boolean {
  const passed = cursor.attempt(() => {
    if (cursor.next().type !== 'letter') return undefined;
    if (cursor.take('in')) {
      if (cursor.next().text !== 'mathbb') return undefined;
      if (groupText(cursor) !== 'R') return undefined;
    }
    return cursor.take('|') || cursor.take(':') ? true : undefined;
  });
  return passed === true;
}
