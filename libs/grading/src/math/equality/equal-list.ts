/** Answers that are several values. */
import { MAX_UNORDERED_ITEMS } from '../limits.ts';
import type { Node, NodeOf } from '../tree/node.ts';
import { assignmentOf, type Assignment } from './relation.ts';

/** Whether two single answers are the same. */
type AreEqual = (gold: Node, answer: Node) => boolean;

/** Lists and sets are compared without order. Values of several names are in the order of the names where only one side names them. */
export function equalLists(
  a: Node,
  b: Node,
  items: readonly Node[],
  others: readonly Node[],
  equal: AreEqual,
): boolean {
  if (a.kind === 'tuple' || b.kind === 'tuple') return equalPoints(a, b, equal);
  const [named, otherNamed] = [valuesByName(items), valuesByName(others)];
  const hasEquations = (named ? others : items).some(({ kind }) => kind === 'relation');
  if ((named === undefined) !== (otherNamed === undefined) && !hasEquations && items.length === others.length) {
    const [values, otherValues] = [named ?? items, otherNamed ?? others];
    return values.every((value, at) => equal(value, otherValues[at]!));
  }
  return matches(items, others, equal);
}

/**
 * The values of assignments to different names, in the order of the names where those are neighbours in the alphabet, else as written. Names that
 * differ in their subscripts only are roots: x_1, x_2.
 */
function valuesByName(items: readonly Node[]): readonly Node[] | undefined {
  const found = items.map((item) => assignmentOf(item));
  const names = found.map((item) => item?.name.replace(/_.*$/, ''));
  if (items.length < 2 || names.includes(undefined) || new Set(names).size < names.length) return undefined;
  const known = found as Assignment[];
  const sorted = [...known].sort((one, other) => (one.name < other.name ? -1 : 1));
  return (areNeighbours(sorted) ? sorted : known).map(({ value }) => value);
}

/** Letters that are used together, as x, y, z or a, b, c: values of these are given in their order. */
function areNeighbours(sorted: readonly Assignment[]): boolean {
  const codes = sorted.map(({ name }) => name.charCodeAt(0));
  return sorted.every(({ name }) => /^(?:[a-zA-Z]|[A-Z]{2})$/.test(name)) && codes.at(-1)! - codes[0]! <= MAX_SPAN;
}

const MAX_SPAN = 4;

/** A point given as values of its names: x = 1, y = 2. */
function equalPoints(a: Node, b: Node, equal: AreEqual): boolean {
  const [point, list] = a.kind === 'tuple' ? [a, b] : [b as NodeOf<'tuple'>, a];
  if (list.kind === 'set' && list.items.length === 1) return equal(point, list.items[0]!);
  if (list.kind !== 'list' || point.open !== '(' || point.close !== ')') return false;
  const values = valuesByName(list.items);
  if (values?.length !== point.items.length) return false;
  return values.every((value, at) => equal(point.items[at]!, value));
}

/** Every item has its match on the other side. Repetitions count only where the gold answer has them. */
function matches(gold: readonly Node[], answers: readonly Node[], equal: AreEqual): boolean {
  if (gold.length > MAX_UNORDERED_ITEMS || answers.length > MAX_UNORDERED_ITEMS)
    return gold.length === answers.length && gold.every((item, at) => equal(item, answers[at]!));
  const unique = distinct(gold, equal);
  const others = unique.length === gold.length ? distinct(answers, equal) : answers;
  if (gold.length !== others.length) return false;
  const left = [...others];
  return gold.every((item) => {
    const at = left.findIndex((other) => equal(item, other));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

function distinct(items: readonly Node[], equal: AreEqual): readonly Node[] {
  return items.filter((item, at) => !items.slice(0, at).some((earlier) => equal(earlier, item)));
}
