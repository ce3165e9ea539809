/** Lists, relations, sets and units: what answers are made of. */
import { number, product, quantity, symbol, text } from './build.ts';
import { Cursor } from './cursor.ts';
import { Unreadable } from './limits.ts';
import { RELATIONS, SET_OPERATORS, type Joint, type Node, type Relation, type SetOperator } from './node.ts';
import { withoutBars } from './parse-atom.ts';
import { parseSum } from './parse-expression.ts';
import { tokenise, type Token } from './tokenise.ts';
import { unitName } from './units.ts';

/**
 * Parses a cleaned answer. With `grouping`, `1,234` is one number.
 *
 * @throws Unreadable where the text is no maths that is understood
 */
export function parseAnswer(cleaned: string, grouping: boolean): Node {
  const cursor = new Cursor(tokenise(cleaned, grouping));
  const node = parseList(cursor);
  if (!cursor.isAtEnd) throw new Unreadable(`"${cursor.peek()!.text}" is left over`);
  return node;
}

/** Items joined by semicolons, each of which may be a list. */
export function parseList(cursor: Cursor): Node {
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
  return items.length === 1 ? items[0]! : { kind: 'list', items, joint };
}

/** "," and "or" and ", and". */
function takeJoint(cursor: Cursor): Joint | undefined {
  let found: Joint | undefined;
  for (const joint of [',', 'and', 'or'] as const) if (cursor.take(joint)) found = joint;
  return found;
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
  return operators.length === 0 ? parts[0]! : { kind: 'relation', parts: parts.map(named), operators };
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
  while (cursor.take(':')) parts.push(parseQuantity(cursor));
  return parts.length === 1 ? parts[0]! : { kind: 'ratio', parts };
}

function parseQuantity(cursor: Cursor): Node {
  if (cursor.peek()?.type === 'text') return parseText(cursor);
  const value = parseSum(cursor);
  const unit = parseUnit(cursor);
  if (unit === '') return value;
  if (value.kind === 'quantity') return quantity(value.value, unitOf(`${value.unit} ${unit}`));
  const [first = '', ...rest] = unit.split(' ');
  const multiple = MULTIPLES[first.toLowerCase()];
  if (multiple === undefined) return quantity(value, unitOf(unit));
  const multiplied = product([value, number(multiple)]);
  return rest.length === 0 ? multiplied : quantity(multiplied, unitOf(rest.join(' ')));
}

/** Text behind a value, with its power: \text{ cm}^2. */
function parseUnit(cursor: Cursor): string {
  const words: string[] = [];
  while (cursor.peek()?.type === 'text' || (words.length > 0 && isUnitSign(cursor))) words.push(cursor.next().text);
  return words.join(' ').replace(/ ?\/ ?/g, '/');
}

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
  if (NO_UNIT.test(written) || /(?<!\^)\d/.test(unit) || unit.split(' ').length > MAX_UNIT_WORDS)
    throw new Unreadable(`"${written}" is no unit`);
  return unit;
}

function isUnitSign(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (token?.type === 'letter') return true;
  if (token?.type === 'number') return true;
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

const ITEM_ENDS: ReadonlySet<string> = new Set([
  ...[',', ';', 'and', 'or', ')', ']', '}', '\\}', '|', '&', '\\\\'],
  ...RELATIONS,
  ...SET_OPERATORS,
]);

/** Behind an open bracket: a value in brackets, a point or an interval. */
export function parseBracket(cursor: Cursor, open: '(' | '['): Node {
  const inner = withoutBars(cursor, () => parseList(cursor));
  const close = cursor.take(')') ? ')' : cursor.take(']') ? ']' : undefined;
  if (!close) throw new Unreadable('a bracket is not closed');
  if (inner.kind === 'list' && inner.joint !== 'or' && inner.joint !== 'and')
    return { kind: 'tuple', open, close, items: inner.items };
  if ((open === '(') !== (close === ')')) throw new Unreadable('brackets do not match');
  return inner;
}

/** Behind `{`. */
export function parseGroup(cursor: Cursor): Node {
  const inner = withoutBars(cursor, () => parseList(cursor));
  cursor.expect('}');
  return inner;
}

/** Behind `\{`: the items of a set, or its rule: \{x | x > 2\}. */
export function parseSet(cursor: Cursor): Node {
  if (cursor.take('\\}')) return { kind: 'set', items: [] };
  const isRule = cursor.peek()?.type === 'letter' && (cursor.isMark('|', 1) || cursor.isMark(':', 1));
  if (isRule) for (let passed = 0; passed < 2; passed += 1) cursor.next();
  const inner = withoutBars(cursor, () => parseList(cursor));
  cursor.expect('\\}');
  if (isRule) return inner;
  return { kind: 'set', items: inner.kind === 'list' ? inner.items : [inner] };
}
