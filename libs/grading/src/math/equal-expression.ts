/** Whether two expressions are the same number or the same function of their symbols. */
import { Fraction } from 'fraction.js';
import { exactValue } from './exact.ts';
import type { Steps } from './limits.ts';
import { someNode, symbolsOf, type Node } from './node.ts';
import { nearlyEqual, numericValue, type Approximate } from './numeric.ts';

/** How many points decide, and how many are tried at most: expressions have no value where they divide by zero. */
const EXACT_POINTS = 3;
const NUMERIC_POINTS = 6;
const TRIED_POINTS = 24;

/**
 * Exactly where both sides are rational at rational points, as polynomials and their quotients are: two different ones of the
 * degrees that people write do not agree at three points drawn from many (Schwartz-Zippel). Else numerically, at points of
 * positive numbers and, where both sides are real there, of numbers of either sign: so `\sqrt{x^2}` is not `x`, but
 * `\ln x^2` is `2\ln x`.
 */
export function equalExpressions(a: Node, b: Node, steps: Steps): boolean {
  const names = [...new Set([...symbolsOf(a), ...symbolsOf(b)])].sort();
  const exact = equalExactly(a, b, names, steps);
  if (exact !== undefined) return exact;
  if (names.length === 0) return equalConstants(a, b, steps);
  return equalNumerically(a, b, names, steps);
}

function equalExactly(a: Node, b: Node, names: readonly string[], steps: Steps): boolean | undefined {
  let decided = 0;
  for (let point = 0; point < (names.length === 0 ? 1 : 2 * EXACT_POINTS); point += 1) {
    const values = new Map(names.map((name, position) => [name, exactCoordinate(point, position)]));
    const left = exactValue(a, values, steps);
    const right = left && exactValue(b, values, steps);
    if (!left || !right) continue;
    if (!left.equals(right)) return false;
    decided += 1;
    if (decided === EXACT_POINTS || names.length === 0) return true;
  }
  return undefined;
}

/** Large primes of no simple relation, of either sign. */
const exactCoordinate = (point: number, position: number): Fraction =>
  new Fraction(
    BigInt(1009 + 2 * 997 * position + 7919 * point) * (point % 2 === 0 ? 1n : -1n),
    BigInt(101 + 6 * point),
  );

/** A decimal is rational, so it is never an irrational number; fewer digits than doubles have would not show it. */
function equalConstants(a: Node, b: Node, steps: Steps): boolean {
  const exactA = exactValue(a, NO_VALUES, steps);
  const exactB = exactValue(b, NO_VALUES, steps);
  const exact = exactA ?? exactB;
  if (exact && (exact.n > MAX_SIMPLE || exact.d > MAX_SIMPLE)) return false;
  if (exact && someNode(exactA ? a : b, (node) => node.kind === 'number' && node.decimals > 3)) return false;
  return agree(numericValue(a, NO_NUMBERS, steps), numericValue(b, NO_NUMBERS, steps));
}

const NO_VALUES: ReadonlyMap<string, Fraction> = new Map();
const NO_NUMBERS: ReadonlyMap<string, number> = new Map();
/** The value of an expression with roots or functions that happens to be rational is a simple one: sin 30° = 1/2. */
const MAX_SIMPLE = 1_000_000_000n;

const agree = (a: Approximate | undefined, b: Approximate | undefined): boolean =>
  a !== undefined && b !== undefined && nearlyEqual(a, b);

function equalNumerically(a: Node, b: Node, names: readonly string[], steps: Steps): boolean {
  let decided = 0;
  for (let point = 0; point < TRIED_POINTS && decided < NUMERIC_POINTS; point += 1) {
    const isPositive = point % 2 === 0;
    const values = new Map(names.map((name, position) => [name, coordinate(point, position, isPositive)]));
    const left = numericValue(a, values, steps);
    const right = left && numericValue(b, values, steps);
    if (!left || !right || (!isPositive && !(isReal(left) && isReal(right)))) continue;
    if (!nearlyEqual(left, right)) return false;
    if (isPositive) decided += 1;
  }
  return decided >= NUMERIC_POINTS / 2;
}

const isReal = ({ value, error }: Approximate): boolean => Math.abs(value.im) <= 2 * error;

/** Between 0.1 and 8, by the golden ratio: well spread, never a simple number, and the same in every verdict. */
function coordinate(point: number, position: number, isPositive: boolean): number {
  const spread = ((point + 1) * 0.618_033_988_749_895 + (position + 1) * 0.414_213_562_373_095) % 1;
  const size = 0.1 + 7.9 * spread;
  return isPositive || (point + position) % 3 === 0 ? size : -size;
}
