/** Equations and inequalities that say the same. */
import { exactValue } from '../numbers/exact.ts';
import type { Fraction } from 'fraction.js';
import { equalExpressions } from './equal-expression.ts';
import type { Steps } from '../limits.ts';
import { symbolsOf, type NodeOf, type Node } from '../tree/node.ts';
import { multiply, nearlyEqual, type Approximate } from '../numbers/approximate.ts';
import { numericValue } from '../numbers/numeric.ts';
import { exactPoint, numericPoint } from '../numbers/points.ts';
import { difference, FLIPPED, isNumeric, isOrder, isSymmetric } from './relation.ts';

/** Whether both relations have the same solutions: by the same parts, or as `left - right` up to a constant factor. */
export function equalRelations(a: NodeOf<'relation'>, b: NodeOf<'relation'>, steps: Steps): boolean {
  if (a.parts.length !== b.parts.length) return false;
  if (a.parts.length > 2 || !a.operators.every(isNumeric)) {
    const turned = b.operators.every((operator) => FLIPPED[operator] !== undefined || isSymmetric(operator));
    return sameChain(a, b, steps) || (turned && sameChain(a, flipped(b), steps));
  }
  const [operator, other] = [a.operators[0]!, b.operators[0]!];
  const sign = proportion(difference(a.parts[0]!, a.parts[1]!), difference(b.parts[0]!, b.parts[1]!), steps);
  if (sign === undefined) return false;
  return isOrder(operator) ? other === (sign > 0 ? operator : FLIPPED[operator]) : other === operator;
}

function sameChain(a: NodeOf<'relation'>, b: NodeOf<'relation'>, steps: Steps): boolean {
  if (a.operators.join() !== b.operators.join()) return false;
  return a.parts.every((part, at) => equalExpressions(part, b.parts[at]!, steps));
}

const flipped = ({ parts, operators }: NodeOf<'relation'>): NodeOf<'relation'> => ({
  kind: 'relation',
  parts: [...parts].reverse(),
  operators: [...operators].reverse().map((operator) => FLIPPED[operator] ?? operator),
});

const POINTS = 6;

/** The sign of c where a = c b for a constant c; undefined where there is none. */
function proportion(a: Node, b: Node, steps: Steps): number | undefined {
  const names = [...symbolsOf(a)].sort();
  if (names.length === 0 || names.join() !== [...symbolsOf(b)].sort().join()) return undefined;
  return exactProportion(a, b, names, steps) ?? numericProportion(a, b, names, steps);
}

function exactProportion(a: Node, b: Node, names: readonly string[], steps: Steps): number | undefined {
  let ratio: Fraction | undefined;
  for (let point = 0; point < POINTS; point += 1) {
    const values = exactPoint(names, point);
    const [left, right] = [exactValue(a, values, steps), exactValue(b, values, steps)];
    if (!left || !right || right.n === 0n) return undefined;
    const next = left.div(right);
    if (next.n === 0n || (ratio && !next.equals(ratio))) return undefined;
    ratio = next;
  }
  return ratio && Number(ratio.s);
}

/** At points of positive numbers, and of numbers of either sign where both sides are real: |x| = 3 is not x = 3. */
function numericProportion(a: Node, b: Node, names: readonly string[], steps: Steps): number | undefined {
  let first: readonly [Approximate, Approximate] | undefined;
  for (let point = 0; point < 2 * POINTS; point += 1) {
    const isSigned = point >= POINTS;
    const values = numericPoint(names, point, isSigned);
    const [left, right] = [numericValue(a, values, steps, isSigned), numericValue(b, values, steps, isSigned)];
    if (!left || !right || left.value.abs() < 1e-6 || right.value.abs() < 1e-6) {
      if (isSigned) continue;
      return undefined;
    }
    first ??= [left, right];
    if (!nearlyEqual(multiply(left, first[1]), multiply(right, first[0]))) return undefined;
  }
  return first && Math.sign(first[0].value.re * first[1].value.re);
}
