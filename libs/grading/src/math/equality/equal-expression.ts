/** Whether two expressions are the same number or the same function of their symbols. */
import type { Fraction } from 'fraction.js';
import { exactValue } from '../numbers/exact.ts';
import type { Steps } from '../limits.ts';
import { someNode, symbolsOf, type Node } from '../tree/node.ts';
import { countingPoint, exactPoint, numericPoint } from '../numbers/points.ts';
import { structure } from '../print.ts';
import { residueOf } from '../numbers/residue.ts';
import { nearlyEqual, type Approximate } from '../numbers/approximate.ts';
import { numericValue } from '../numbers/numeric.ts';

/** How many points decide, and how many are tried at most: expressions have no value where they divide by zero. */
const EXACT_POINTS = 3;
const NUMERIC_POINTS = 6;
const TRIED_POINTS = 24;

/**
 * Exactly where both sides are rational at rational points, as polynomials and their quotients are: two different ones of the
 * degrees that people write do not agree at three points drawn from many (Schwartz-Zippel). Else numerically, at points of
 * positive numbers and, where all parts of both sides are real there, of numbers of either sign: so `\sqrt{x^2}` is not `x`, but
 * `\ln x^2` is `2\ln x`.
 */
export function equalExpressions(a: Node, b: Node, steps: Steps): boolean {
  const names = [...new Set([...symbolsOf(a), ...symbolsOf(b)])].sort();
  const exact = equalExactly(a, b, names, steps);
  if (exact !== undefined) return exact || (names.length === 0 && roundsTo(a, b, steps));
  if (names.length === 0) return equalConstants(a, b, steps);
  // What has no numeric value ("n!", "2004!") is compared as it is written.
  return equalNumerically(a, b, names, steps) ?? structure(a, steps) === structure(b, steps);
}

/** Factorials and binomials have values at whole numbers only. */
const isCounted = (node: Node): boolean =>
  node.kind === 'call' && ['factorial', 'doubleFactorial', 'binomial'].includes(node.name);

function equalExactly(a: Node, b: Node, names: readonly string[], steps: Steps): boolean | undefined {
  const counts = names.length > 0 && (someNode(a, isCounted) || someNode(b, isCounted));
  // Where one count is the difference of two, as in n!/(n-k)!, many points have no value.
  const tried = names.length === 0 ? 1 : counts ? TRIED_POINTS : 2 * EXACT_POINTS;
  let decided = 0;
  for (let point = 0; point < tried; point += 1) {
    const values = counts ? countingPoint(names, point) : exactPoint(names, point);
    const left = exactValue(a, values, steps);
    const right = left && exactValue(b, values, steps);
    if (!left || !right) continue;
    if (!left.equals(right)) return false;
    decided += 1;
    if (decided === EXACT_POINTS || names.length === 0) return true;
  }
  return undefined;
}

/** A decimal is rational, so it is never an irrational number; fewer digits than doubles have would not show it. */
function equalConstants(a: Node, b: Node, steps: Steps): boolean {
  const exactA = exactValue(a, NO_VALUES, steps);
  const exactB = exactValue(b, NO_VALUES, steps);
  if (roundsTo(a, b, steps)) return true;
  const remainder = exactA && exactB ? undefined : residueOf(a, steps);
  const otherRemainder = remainder === undefined ? undefined : residueOf(b, steps);
  if (otherRemainder !== undefined) return remainder === otherRemainder;
  const exact = exactA ?? exactB;
  if (exact && (exact.n > MAX_SIMPLE || exact.d > MAX_SIMPLE)) return false;
  if (exact && someNode(exactA ? a : b, (node) => node.kind === 'number' && node.decimals > 3)) return false;
  const [left, right] = [numericValue(a, NO_NUMBERS, steps), numericValue(b, NO_NUMBERS, steps)];
  return left || right ? agree(left, right) : structure(a, steps) === structure(b, steps);
}

/** Significant digits that a value shows only if it was computed to the end: nobody rounds to so many. */
const FULL_PRECISION_DIGITS = 12;

/** Whether one is a decimal of full machine precision, and the other an exact value that rounds to it, or is cut off there. */
function roundsTo(a: Node, b: Node, steps: Steps): boolean {
  const [decimal, other] = fullPrecision(a) ? [a, b] : [b, a];
  const written = fullPrecision(decimal);
  if (!written || fullPrecision(other) || (other.kind === 'number' && other.decimals > 0)) return false;
  const exact = exactValue(other, NO_VALUES, steps);
  if (exact && isFiniteDecimal(exact)) return false;
  const value = exact?.valueOf() ?? realValue(other, steps);
  return value !== undefined && Math.abs(value - written.value) <= written.lastPlace * 1.001;
}

/** Whether a value has a decimal of its own, which is then the only one that is right. */
const isFiniteDecimal = ({ d }: Fraction): boolean => 10n ** BigInt(d.toString(2).length) % d === 0n;

function realValue(node: Node, steps: Steps): number | undefined {
  const found = numericValue(node, NO_NUMBERS, steps);
  return found && isReal(found) ? found.value.re : undefined;
}

function fullPrecision(node: Node): { readonly value: number; readonly lastPlace: number } | undefined {
  if (node.kind === 'negative') {
    const inner = fullPrecision(node.value);
    return inner && { ...inner, value: -inner.value };
  }
  if (node.kind !== 'number' || node.decimals === 0) return undefined;
  const value = node.value.valueOf();
  const digits = node.decimals + Math.floor(Math.log10(Math.abs(value) || 1)) + 1;
  return digits >= FULL_PRECISION_DIGITS ? { value, lastPlace: 10 ** -node.decimals } : undefined;
}

const NO_VALUES: ReadonlyMap<string, Fraction> = new Map();
const NO_NUMBERS: ReadonlyMap<string, number> = new Map();
/** The value of an expression with roots or functions that happens to be rational is a simple one: sin 30° = 1/2. */
const MAX_SIMPLE = 1_000_000_000n;

const agree = (a: Approximate | undefined, b: Approximate | undefined): boolean =>
  a !== undefined && b !== undefined && nearlyEqual(a, b);

function equalNumerically(a: Node, b: Node, names: readonly string[], steps: Steps): boolean | undefined {
  let decided = 0;
  for (let point = 0; point < TRIED_POINTS && decided < NUMERIC_POINTS; point += 1) {
    const isPositive = point % 2 === 0;
    const values = numericPoint(names, point, !isPositive);
    const left = numericValue(a, values, steps, !isPositive);
    const right = left && numericValue(b, values, steps, !isPositive);
    if (!left || !right) continue;
    if (!nearlyEqual(left, right)) return false;
    if (isPositive) decided += 1;
  }
  return decided >= NUMERIC_POINTS / 2 ? true : undefined;
}

const isReal = ({ value, error }: Approximate): boolean => Math.abs(value.im) <= 2 * error;
