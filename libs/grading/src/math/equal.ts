/** Whether an answer is the gold answer. */
import { Fraction } from 'fraction.js';
import { number, product, quantity } from './build.ts';
import { itemsOf } from './collection.ts';
import { exactValue } from './exact.ts';
import { equalExpressions } from './equal-expression.ts';
import { equalRelations } from './equal-relation.ts';
import { equalTexts, numberInWords } from './equal-text.ts';
import { infinite, intervalsOf, type Interval } from './interval.ts';
import { MAX_UNORDERED_ITEMS, type Steps } from './limits.ts';
import { matrixOf } from './matrix.ts';
import { someNode, type Node, type NodeOf } from './node.ts';
import { assignmentOf, lastExact, nameOf, type Assignment } from './relation.ts';
import { unitFactor } from './units.ts';

/**
 * Compares by kind, the outermost first. Symmetric but in three places: a gold chain `0.56 = 56\%` or `2/3 \approx 0.67` offers
 * each of its values, a gold `\approx` accepts what rounds to it, and a numeral in another base may be answered without its base.
 */
export function equalAnswers(gold: Node, answer: Node, steps: Steps): boolean {
  if (!steps.take(4)) return false;
  const [a, b] = [simplified(gold), simplified(answer)];
  if (a.kind === 'approximate') return equalApproximately(a.value, b, steps);
  if (b.kind === 'approximate') return equalAnswers(a, b.value, steps);
  if (a.kind === 'relation' || b.kind === 'relation') return equalWithRelation(a, b, steps);
  if (a.kind === 'text' || b.kind === 'text') return equalTexts(a, b) || sameIntervals(a, b, steps);
  if (a.kind === 'setOperation' || b.kind === 'setOperation') return sameIntervals(a, b, steps);
  const [items, others] = [itemsOf(a), itemsOf(b)];
  if (items || others) return equalLists(a, b, items ?? [a], others ?? [b], steps);
  return equalSingle(a, b, steps);
}

/** Without wrappers that say nothing: a list of one, words for numbers, `x \in S`. */
function simplified(node: Node): Node {
  if (node.kind === 'list' && node.items.length === 1) return simplified(node.items[0]!);
  if (isMembership(node)) return simplified(node.parts[1]!);
  const inWords = node.kind === 'text' ? numberInWords(node.text) : undefined;
  return inWords === undefined ? node : number(inWords);
}

/** `x \in S`. */
const isMembership = (node: Node): node is NodeOf<'relation'> =>
  node.kind === 'relation' && node.operators.join() === 'in' && nameOf(node.parts[0]!) !== undefined;

/** "≈ 8.24" is matched by what rounds to as many decimals. */
function equalApproximately(gold: Node, answer: Node, steps: Steps): boolean {
  const bare = answer.kind === 'approximate' ? answer.value : answer;
  if (equalAnswers(gold, bare, steps)) return true;
  const [a, b] = [unwrapped(gold), unwrapped(bare)];
  const value = exactValue(b.value, new Map(), steps);
  if (a.value.kind !== 'number' || !value || unitFactor(a.unit, b.unit) === undefined) return false;
  return (
    value
      .sub(a.value.value)
      .abs()
      .mul(2)
      .mul(new Fraction(10n ** BigInt(a.value.decimals)))
      .compare(1) <= 0
  );
}

function equalWithRelation(a: Node, b: Node, steps: Steps): boolean {
  const [one, other] = [assignmentOf(a), assignmentOf(b)];
  if (a.kind === 'relation' && b.kind === 'relation')
    return equalAssignments(one, other, steps) || equalRelations(a, b, steps) || sameIntervals(a, b, steps);
  if (one && b.kind !== 'relation') return equalAnswers(one.value, b, steps);
  if (other && a.kind !== 'relation') return equalAnswers(a, other.value, steps);
  if (a.kind === 'relation' && isChainOfValues(a)) return a.parts.some((part) => equalAnswers(part, b, steps));
  if (b.kind === 'relation' && isChainOfValues(b)) return equalAnswers(a, lastExact(b), steps);
  if (a.kind === 'list' || b.kind === 'list') return equalListWithRelation(a, b, steps);
  return sameIntervals(a, b, steps);
}

/** Calculations: 0.56 = 56\%. */
const isChainOfValues = (node: NodeOf<'relation'>): boolean =>
  node.operators.every((operator) => operator === '=' || operator === '~') &&
  !someNode(node, ({ kind }) => kind === 'symbol');

function equalListWithRelation(a: Node, b: Node, steps: Steps): boolean {
  if (sameIntervals(a, b, steps)) return true;
  return equalLists(a, b, itemsOf(a) ?? [a], itemsOf(b) ?? [b], steps);
}

function equalAssignments(a: Assignment | undefined, b: Assignment | undefined, steps: Steps): boolean {
  return a !== undefined && b !== undefined && a.name === b.name && equalAnswers(a.value, b.value, steps);
}

/** Lists and sets are compared without order. Values of several names are in the order of the names where only one side names them. */
function equalLists(a: Node, b: Node, items: readonly Node[], others: readonly Node[], steps: Steps): boolean {
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

function sameIntervals(a: Node, b: Node, steps: Steps): boolean {
  const [left, right] = [intervalsOf(a, steps), intervalsOf(b, steps)];
  if (!left || !right || left.length !== right.length) return false;
  return left.every((interval, at) => sameInterval(interval, right[at]!, steps));
}

function sameInterval(a: Interval, b: Interval, steps: Steps): boolean {
  if (a.lowOpen !== b.lowOpen || a.highOpen !== b.highOpen) return false;
  return equalAnswers(a.low, b.low, steps) && equalAnswers(a.high, b.high, steps);
}

function equalSingle(a: Node, b: Node, steps: Steps): boolean {
  if (a.kind === 'tuple' || b.kind === 'tuple') return equalTuples(a, b, steps);
  const [rows, otherRows] = [matrixOf(a), matrixOf(b)];
  if (rows || otherRows) return rows !== undefined && otherRows !== undefined && equalRows(rows, otherRows, steps);
  if (a.kind === 'numeral' || b.kind === 'numeral') return equalNumerals(a, b);
  if (a.kind === 'ratio' || b.kind === 'ratio') return equalRatios(a, b, steps);
  if (infinite(a) !== 0 || infinite(b) !== 0) return infinite(a) === infinite(b);
  return equalQuantities(a, b, steps);
}

function equalTuples(a: Node, b: Node, steps: Steps): boolean {
  const [items, others] = [vectorOf(a), vectorOf(b)];
  if (!items || !others || items.length !== others.length) return sameIntervals(a, b, steps);
  if (items.length === 2 && brackets(a) !== brackets(b)) return false;
  return items.every((item, at) => equalAnswers(item, others[at]!, steps));
}

const brackets = (node: Node): string => (node.kind === 'tuple' ? node.open + node.close : '()');

/** The components of a point, or of a matrix with one column or row. */
function vectorOf(node: Node): readonly Node[] | undefined {
  if (node.kind === 'tuple') return node.items;
  const rows = matrixOf(node);
  if (rows?.length === 1) return rows[0];
  return rows?.every((row) => row.length === 1) ? rows.map((row) => row[0]!) : undefined;
}

function equalRows(a: readonly (readonly Node[])[], b: readonly (readonly Node[])[], steps: Steps): boolean {
  if (a.length !== b.length) return false;
  return a.every((row, y) => {
    const other = b[y]!;
    return row.length === other.length && row.every((cell, x) => equalAnswers(cell, other[x]!, steps));
  });
}

/** Numerals are compared as they are written: 5 is no answer to "write it in base two". */
function equalNumerals(gold: Node, answer: Node): boolean {
  if (gold.kind !== 'numeral') return false;
  if (answer.kind === 'numeral') return gold.base === answer.base && gold.digits === answer.digits;
  return answer.kind === 'number' && answer.decimals === 0 && answer.value.toFraction() === gold.digits;
}

function equalRatios(a: Node, b: Node, steps: Steps): boolean {
  if (a.kind === 'ratio' && b.kind === 'ratio') {
    if (a.parts.length !== b.parts.length) return false;
    return proportional(a.parts, b.parts, steps);
  }
  const asQuotient = (node: Node): Node =>
    node.kind === 'ratio' && node.parts.length === 2
      ? { kind: 'quotient', top: node.parts[0]!, bottom: node.parts[1]! }
      : node;
  const [left, right] = [asQuotient(a), asQuotient(b)];
  return left.kind !== 'ratio' && right.kind !== 'ratio' && equalExpressions(left, right, steps);
}

/** 2:4 is 1:2; parts that are zero have to be so on both sides. */
function proportional(a: readonly Node[], b: readonly Node[], steps: Steps): boolean {
  const isZero = (node: Node): boolean => exactValue(node, new Map(), steps)?.n === 0n;
  if ([...a, ...b].some(isZero)) return a.every((part, at) => equalExpressions(part, b[at]!, steps));
  return a.every((part, at) => equalExpressions(product([part, b[0]!]), product([b[at]!, a[0]!]), steps));
}

interface Quantity {
  readonly value: Node;
  readonly unit: string;
}

function unwrapped(node: Node): Quantity {
  if (node.kind === 'quantity') return { value: node.value, unit: node.unit };
  if (node.kind !== 'negative') return { value: node, unit: '' };
  const inner = unwrapped(node.value);
  return { value: { kind: 'negative', value: inner.value }, unit: inner.unit };
}

/** A missing unit is no mistake, a different one is: 5 cm is 5, and 0.05 m, but not 5 m. */
function equalQuantities(a: Node, b: Node, steps: Steps): boolean {
  const [one, other] = [unwrapped(a), unwrapped(b)];
  if (one.unit !== '' && other.unit !== '') {
    const factor = unitFactor(one.unit, other.unit);
    if (factor === undefined) return false;
    return equalExpressions(
      factor === 1 ? one.value : product([one.value, number(new Fraction(factor))]),
      other.value,
      steps,
    );
  }
  if (equalExpressions(one.value, other.value, steps)) return true;
  // 25\% is 25 where the question asks for percent, and 1/4 by its meaning; so are degrees and radians.
  const asNumber = ({ value, unit }: Quantity): Node => (unit === '' ? value : quantity(value, unit));
  const isScaled = [one, other].some(({ unit }) => unit === '%' || unit === 'degree');
  return isScaled && equalExpressions(asNumber(one), asNumber(other), steps);
}
