/** Answers that are several values. */
import { equalAnswers } from './equal.ts';
import { MAX_UNORDERED_ITEMS, type Steps } from './limits.ts';
import type { Node, NodeOf } from './node.ts';
import { assignmentOf } from './relation.ts';

/** Lists and sets are compared without order. Values of several names are in the order of the names where only one side names them. */
export function equalLists(a: Node, b: Node, items: readonly Node[], others: readonly Node[], steps: Steps): boolean {
  if (a.kind === 'tuple' || b.kind === 'tuple') return equalPoints(a, b, steps);
  const [named, otherNamed] = [distinctNames(items), distinctNames(others)];
  if (named !== otherNamed && items.length === others.length) {
    const [values, otherValues] = [items.map(valueOf), others.map(valueOf)];
    return values.every((value, at) => equalAnswers(value, otherValues[at]!, steps));
  }
  return matches(items, others, steps);
}

/** Whether all are assignments to different names. Names that differ in their subscripts only are roots: x_1, x_2. */
function distinctNames(items: readonly Node[]): boolean {
  const names = items.map((item) => assignmentOf(item)?.name.replace(/_.*$/, ''));
  return items.length > 1 && !names.includes(undefined) && new Set(names).size === names.length;
}

const valueOf = (node: Node): Node => assignmentOf(node)?.value ?? node;

/** A point given as values of its names: x = 1, y = 2. */
function equalPoints(a: Node, b: Node, steps: Steps): boolean {
  const [point, list] = a.kind === 'tuple' ? [a, b] : [b as NodeOf<'tuple'>, a];
  if (list.kind === 'set' && list.items.length === 1) return equalAnswers(point, list.items[0]!, steps);
  if (list.kind !== 'list' || point.open !== '(' || point.close !== ')') return false;
  if (list.items.length !== point.items.length || !distinctNames(list.items)) return false;
  return list.items.every((item, at) => equalAnswers(point.items[at]!, valueOf(item), steps));
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
