/** Whether an answer is the gold answer. */
import { statedValue } from './asked.ts';
import { number } from '../tree/build.ts';
import { itemsOf } from './collection.ts';
import { equalCongruences } from './congruence.ts';
import { equalExpressions } from './equal-expression.ts';
import { equalLists } from './equal-list.ts';
import { equalNumerals, equalQuantities, equalRatios, roundsToGold } from './equal-quantity.ts';
import { equalRelations } from './equal-relation.ts';
import { equalTexts, numberInWords } from './equal-text.ts';
import { equalFamilies, equalUpToConstant } from './family.ts';
import { DEFINED } from '../numbers/functions.ts';
import { infinite, intervalsOf, type Interval } from './interval.ts';
import type { Steps } from '../limits.ts';
import { matrixOf } from './matrix.ts';
import { someNode, symbolsOf, type Node, type NodeOf } from '../tree/node.ts';
import { assignmentOf, lastExact, nameOf, type Assignment } from './relation.ts';

/**
 * Compares by kind, the outermost first. Symmetric but in three places: a gold chain `0.56 = 56\%` or `2/3 \approx 0.67` offers
 * each of its values, a gold `\approx` accepts what rounds to it, and a numeral in another base may be answered without its base.
 */
export function equalAnswers(gold: Node, answer: Node, steps: Steps): boolean {
  if (!steps.take(4)) return false;
  if (isMembership(gold) && isMembership(answer) && otherUnknown(gold, answer)) return false;
  const [a, b] = [simplified(gold), simplified(answer)];
  const near = nearTo(a);
  if (near) return equalAnswers(near, b, steps) || roundsToGold(near, b, steps);
  if (a.kind === 'approximate') return equalAnswers(a.value, b, steps) || roundsToGold(a.value, b, steps);
  if (b.kind === 'approximate') return equalAnswers(a, b.value, steps);
  const families = equalFamilies(a, b, steps, answersAreEqual(steps));
  if (families !== undefined) return families;
  if ((a.kind === 'congruence' || b.kind === 'congruence') && !itemsOf(a) && !itemsOf(b))
    return equalCongruences(a, b, steps);
  if (a.kind === 'relation' || b.kind === 'relation') return equalWithRelation(a, b, steps);
  if (a.kind === 'text' || b.kind === 'text') return equalTexts(a, b) || sameIntervals(a, b, steps);
  if (a.kind === 'setOperation' || b.kind === 'setOperation')
    return sameIntervals(a, b, steps) || equalSetOperations(a, b, steps);
  const [items, others] = [itemsOf(a), itemsOf(b)];
  if (isConditions(a) || isConditions(b)) if (sameIntervals(a, b, steps)) return true;
  if (items || others) return equalLists(a, b, items ?? [a], others ?? [b], answersAreEqual(steps));
  return equalSingle(a, b, steps);
}

/** The comparison of parts of answers. */
const answersAreEqual =
  (steps: Steps) =>
  (gold: Node, answer: Node): boolean =>
    equalAnswers(gold, answer, steps);

/** Several relations at once: "x > 1 and x < 5". */
const isConditions = (node: Node): boolean =>
  node.kind === 'list' && node.items.every(({ kind }) => kind === 'relation');

/** Without wrappers that say nothing: a list of one, words for numbers, `x \in S`. */
function simplified(node: Node): Node {
  if (node.kind === 'list' && node.items.length === 1) return simplified(node.items[0]!);
  if (isMembership(node)) return simplified(node.parts[1]!);
  if (node.kind === 'sum') return setDifference(node) ?? node;
  return node.kind === 'text' ? textMeaning(node) : node;
}

/** `\mathbb{R} - \{3\}` */
function setDifference({ terms }: NodeOf<'sum'>): Node | undefined {
  const [left, right, ...others] = terms;
  if (left?.kind !== 'symbol' || right?.kind !== 'negative' || right.value.kind !== 'set' || others.length > 0)
    return undefined;
  return { kind: 'setOperation', operator: 'without', left, right: right.value };
}

function textMeaning(node: NodeOf<'text'>): Node {
  const inWords = numberInWords(node.text);
  if (inWords !== undefined) return number(inWords);
  return /^(?:there (?:is|are) )?no (?:real )?solutions?$/i.test(node.text.trim()) ? { kind: 'set', items: [] } : node;
}

/** The value of `x \approx 8.24`. */
function nearTo(node: Node): Node | undefined {
  if (node.kind !== 'relation' || node.operators.join() !== '~') return undefined;
  return nameOf(node.parts[0]!) === undefined ? undefined : node.parts[1];
}

/** `x \in S`. */
const isMembership = (node: Node): node is NodeOf<'relation'> =>
  node.kind === 'relation' && node.operators.join() === 'in' && nameOf(node.parts[0]!) !== undefined;

function equalWithRelation(a: Node, b: Node, steps: Steps): boolean {
  const [one, other] = [assignmentOf(a), assignmentOf(b)];
  const [several, otherSeveral] = [separately(a, b), separately(b, a)];
  if (several || otherSeveral) return equalAnswers(several ?? a, otherSeveral ?? b, steps);
  if (a.kind === 'relation' && isChainOfValues(a)) return a.parts.some((part) => equalAnswers(part, b, steps));
  if (b.kind === 'relation' && isChainOfValues(b)) return equalAnswers(a, lastExact(b), steps);
  if (a.kind === 'relation' && b.kind === 'relation')
    return (
      equalAssignments(one, other, steps) ||
      equalRelations(a, b, steps) ||
      (!otherUnknown(a, b) && sameIntervals(a, b, steps))
    );
  if (one && b.kind !== 'relation') return equalAnswers(one.value, b, steps);
  if (other && a.kind !== 'relation') return equalAnswers(a, other.value, steps);
  const [left, right] = [identityValue(a, steps), identityValue(b, steps)];
  if (left || right) return equalAnswers(left ?? a, right ?? b, steps);
  const [stated, otherStated] = [statedBeside(a, b, true), statedBeside(b, a, false)];
  if (stated || otherStated) return equalAnswers(stated ?? a, otherStated ?? b, steps);
  if (a.kind === 'list' || b.kind === 'list') return equalListWithRelation(a, b, steps);
  return sameIntervals(a, b, steps);
}

/** `(y, x) = (1, 2)` and `x = y = 2` as an equation for each name, where the other side gives several values. */
function separately(node: Node, other: Node): Node | undefined {
  if (node.kind !== 'relation' || (other.kind !== 'list' && other.kind !== 'tuple')) return undefined;
  if (node.operators.some((operator) => operator !== '=')) return undefined;
  const [first, second] = [node.parts[0]!, node.parts.at(-1)!];
  const equation = (left: Node, right: Node): Node => ({ kind: 'relation', parts: [left, right], operators: ['='] });
  if (first.kind === 'tuple' && second.kind === 'tuple' && other.kind === 'list') {
    if (first.items.length !== second.items.length) return undefined;
    return { kind: 'list', joint: ',', items: first.items.map((name, at) => equation(name, second.items[at]!)) };
  }
  const names = node.parts.slice(0, -1);
  if (names.length < 2 || !names.every(({ kind }) => kind === 'symbol') || symbolsOf(second).size > 0) return undefined;
  return { kind: 'list', joint: ',', items: names.map((name) => equation(name, second)) };
}

/** 0 < x < 1 is not 0 < y < 1. Names of several words say what the unknown is: "the solution is x". */
function otherUnknown(a: Node, b: Node): boolean {
  const [functions, otherFunctions] = [functionsOf(a), functionsOf(b)];
  if (functions !== '' && otherFunctions !== '' && functions !== otherFunctions) return true;
  const [names, others] = [[...symbolsOf(a)], [...symbolsOf(b)]];
  if (names.length !== 1 || others.length !== 1 || [...names, ...others].some((name) => name.includes(' ')))
    return false;
  return names[0] !== others[0];
}

/** Names of the functions that nobody defined. */
function functionsOf(node: Node): string {
  const names: string[] = [];
  someNode(node, (part) => {
    if (part.kind === 'call' && !DEFINED.has(part.name)) names.push(part.name);
    return false;
  });
  return names.sort().join();
}

/** What all parts of a calculation with symbols are: `x^2 - 1 = (x-1)(x+1)`. */
function identityValue(node: Node, steps: Steps): Node | undefined {
  if (node.kind !== 'relation' || node.operators.some((operator) => operator !== '=')) return undefined;
  const last = node.parts.at(-1)!;
  return node.parts.every((part) => equalExpressions(part, last, steps)) ? last : undefined;
}

/** The value of an expression that one side is an equation for, where the other side is a value alone. */
const statedBeside = (node: Node, other: Node, gold: boolean): Node | undefined =>
  node.kind === 'relation' && other.kind !== 'relation' ? statedValue(node, gold) : undefined;

/** Calculations: 0.56 = 56\%. */
const isChainOfValues = (node: NodeOf<'relation'>): boolean =>
  node.operators.every((operator) => operator === '=' || operator === '~') &&
  !someNode(node, (part) => part.kind === 'symbol' || (part.kind === 'call' && !DEFINED.has(part.name)));

function equalListWithRelation(a: Node, b: Node, steps: Steps): boolean {
  if (sameIntervals(a, b, steps)) return true;
  return equalLists(a, b, itemsOf(a) ?? [a], itemsOf(b) ?? [b], answersAreEqual(steps));
}

function equalAssignments(a: Assignment | undefined, b: Assignment | undefined, steps: Steps): boolean {
  return a !== undefined && b !== undefined && a.name === b.name && equalAnswers(a.value, b.value, steps);
}

function sameIntervals(a: Node, b: Node, steps: Steps): boolean {
  const [left, right] = [intervalsOf(a, steps), intervalsOf(b, steps)];
  if (!left || !right || left.length !== right.length) return false;
  return left.every((interval, at) => sameInterval(interval, right[at]!, steps));
}

/** Sets that only have names: A ∪ B is B ∪ A. */
function equalSetOperations(a: Node, b: Node, steps: Steps): boolean {
  if (a.kind !== 'setOperation' || b.kind !== 'setOperation' || a.operator !== b.operator) return false;
  const same = (one: Node, other: Node): boolean => equalAnswers(one, other, steps);
  if (same(a.left, b.left) && same(a.right, b.right)) return true;
  return a.operator !== 'without' && same(a.left, b.right) && same(a.right, b.left);
}

function sameInterval(a: Interval, b: Interval, steps: Steps): boolean {
  if (a.lowOpen !== b.lowOpen || a.highOpen !== b.highOpen) return false;
  return equalAnswers(a.low, b.low, steps) && equalAnswers(a.high, b.high, steps);
}

function equalSingle(a: Node, b: Node, steps: Steps): boolean {
  const [rows, otherRows] = [matrixOf(a), matrixOf(b)];
  if (rows && otherRows) return equalRows(rows, otherRows, steps);
  if (a.kind === 'tuple' || b.kind === 'tuple') return equalTuples(a, b, steps);
  if (rows || otherRows) return false;
  if (a.kind === 'numeral' || b.kind === 'numeral') return equalNumerals(a, b, steps);
  if (a.kind === 'ratio' || b.kind === 'ratio') return equalRatios(a, b, steps);
  const antiderivatives = equalUpToConstant(a, b, steps);
  if (antiderivatives !== undefined) return antiderivatives;
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
