/** Answers that are several values. */
import { equalAnswers } from './equal.ts';
import { MAX_UNORDERED_ITEMS, type Steps } from '../limits.ts';
import type { Node, NodeOf } from '../tree/node.ts';
import { assignmentOf, type Assignment } from './relation.ts';

/** Lists and sets are compared without order. Values of several names are in the order of the names where only one side names them. */
export function equalLists(a: Node, b: Node, items: readonly Node[], others: readonly Node[], steps: Steps): boolean {
  if (a.kind === 'tuple' || b.kind === 'tuple') return equalPoints(a, b, steps);
  const [named, otherNamed] = [valuesByName(items), valuesByName(others)];
  const hasEquations = (named ? others : items).some(({ kind }) => kind === 'relation');
  if ((named === undefined) !== (otherNamed === undefined) && !hasEquations && items.length === others.length) {
    const [values, otherValues] = [named ?? items, otherNamed ?? others];
    return values.every((value, at) => equalAnswers(value, otherValues[at]!, steps));
  }
  return matches(items, others, steps);
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
function equalPoints(a: Node, b: Node, steps: Steps): boolean {
  const [point, list] = a.kind === 'tuple' ? [a, b] : [b as NodeOf<'tuple'>, a];
  if (list.kind === 'set' && list.items.length === 1) return equalAnswers(point, list.items[0]!, steps);
  if (list.kind !== 'list' || point.open !== '(' || point.close !== ')') return false;
  const values = valuesByName(list.items);
  if (values?.length !== point.items.length) return false;
  return values.every((value, at) => equalAnswers(point.items[at]!, value, steps));
}

/** Every item has its match on the other side. Repetitions count only where the gold answer has them. */
function matches(gold: readonly Node[], answers: readonly Node[], steps: Steps): boolean {
  if (gold.length > MAX_UNORDERED_ITEMS || answers.length > MAX_UNORDERED_ITEMS)
    return gold.length === answers.length && gold.every((item, at) => equalAnswers(item, answers[at]!, steps));
  const unique = distinct(gold, steps);
  const others = unique.length === gold.length ? distinct(answers, steps) : answers;
  if (gold.length !== others.length) return false;
  const left = [...others];
  return gold.every((item) => {
    const at = left.findIndex((other) => equalAnswers(item, other, steps));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

function distinct(items: readonly Node[], steps: Steps): readonly Node[] {
  return items.filter((item, at) => !items.slice(0, at).some((earlier) => equalAnswers(earlier, item, steps)));
}
