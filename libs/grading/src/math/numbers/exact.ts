/** Exact rational arithmetic on the part of the language that has it. */
import { Fraction } from 'fraction.js';
import { MAX_BITS, MAX_FACTORIAL, type Steps } from '../limits.ts';
import type { Node, NodeOf } from '../tree/node.ts';

/** Values of symbols. */
export type Assignment = ReadonlyMap<string, Fraction>;

/**
 * The rational value of an expression; undefined where it has none that is computed exactly: irrational, too large,
 * undefined, or with symbols that have no value.
 */
export function exactValue(node: Node, values: Assignment, steps: Steps): Fraction | undefined {
  if (!steps.take()) return undefined;
  const of = (child: Node): Fraction | undefined => exactValue(child, values, steps);
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'numeral':
      return node.base === 10 ? new Fraction(node.digits) : undefined;
    case 'symbol':
      return values.get(node.name);
    case 'negative':
      return of(node.value)?.neg();
    case 'sum':
      return fold(node.terms, of, steps, (a, b) => a.add(b));
    case 'product':
      return fold(node.factors, of, steps, (a, b) => a.mul(b));
    case 'quotient':
      return exactQuotient(of(node.top), of(node.bottom));
    case 'power':
      return exactPower(of(node.base), of(node.exponent));
    case 'quantity':
      return node.unit === '%' ? of(node.value)?.div(100) : node.unit === 'degree' ? undefined : of(node.value);
    case 'call':
      return exactCall(node, of);
    default:
      return undefined;
  }
}

function fold(
  nodes: readonly Node[],
  of: (node: Node) => Fraction | undefined,
  steps: Steps,
  join: (a: Fraction, b: Fraction) => Fraction,
): Fraction | undefined {
  let total: Fraction | undefined;
  for (const node of nodes) {
    const value = of(node);
    if (!value) return undefined;
    // Reducing a fraction takes time quadratic in its bits.
    if (!steps.take(Math.floor((bits(value.n) + bits(value.d)) / 100) ** 2)) return undefined;
    total = total ? bounded(join(total, value)) : value;
    if (!total) return undefined;
  }
  return total;
}

const bits = (value: bigint): number => value.toString(16).length * 4;

/** Exact enough for a bound; numbers that doubles do not hold are counted in whole bits. */
const log2 = (value: bigint): number => (value < 2n ** 53n ? Math.log2(Number(value)) : bits(value));

const bounded = (value: Fraction): Fraction | undefined =>
  bits(value.n) + bits(value.d) > MAX_BITS ? undefined : value;

function exactQuotient(top: Fraction | undefined, bottom: Fraction | undefined): Fraction | undefined {
  return top && bottom && bottom.n !== 0n ? bounded(top.div(bottom)) : undefined;
}

function exactPower(base: Fraction | undefined, exponent: Fraction | undefined): Fraction | undefined {
  if (!base || !exponent) return undefined;
  if (exponent.d !== 1n) return exactRoot(exactPower(base, new Fraction(exponent.s * exponent.n)), exponent.d);
  if (base.n === 0n) return exponent.s > 0n && exponent.n > 0n ? base : exponent.n === 0n ? new Fraction(1) : undefined;
  if (exponent.n > MAX_BITS || Number(exponent.n) * (log2(base.n) + log2(base.d)) > MAX_BITS) return undefined;
  const raised = new Fraction(base.s ** exponent.n * base.n ** exponent.n, base.d ** exponent.n);
  return exponent.s < 0n ? raised.inverse() : raised;
}

/** The real root where it is rational: of negative numbers for odd indices only. */
export function exactRoot(value: Fraction | undefined, index: bigint): Fraction | undefined {
  if (!value || index < 1n || index > 64n || (value.s < 0n && index % 2n === 0n)) return undefined;
  const top = wholeRoot(value.n, index);
  const bottom = wholeRoot(value.d, index);
  return top === undefined || bottom === undefined ? undefined : new Fraction(value.s * top, bottom);
}

/** Newton's method on whole numbers; undefined where the root is none. */
function wholeRoot(value: bigint, index: bigint): bigint | undefined {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(bits(value) / Number(index)) + 1);
  for (;;) {
    const better = ((index - 1n) * root + value / root ** (index - 1n)) / index;
    if (better >= root) break;
    root = better;
  }
  return root ** index === value ? root : undefined;
}

function exactCall(node: NodeOf<'call'>, of: (node: Node) => Fraction | undefined): Fraction | undefined {
  const [first, second] = node.inputs.map(of);
  if (!first) return undefined;
  switch (node.name) {
    case 'root':
      return second?.d === 1n && second.s > 0n ? exactRoot(first, second.n) : undefined;
    case 'absolute':
      return first.abs();
    case 'floor':
      return first.floor();
    case 'ceiling':
      return first.ceil();
    case 'factorial':
      return isCount(first) ? new Fraction(factorial(first.n)) : undefined;
    case 'doubleFactorial':
      return isCount(first) ? new Fraction(factorial(first.n, 2n)) : undefined;
    case 'max':
    case 'min':
    case 'gcd':
    case 'lcm':
      return ofSeveral(node.name, node.inputs.map(of));
    case 'binomial':
      return second && isCount(first) && isCount(second) ? new Fraction(binomial(first.n, second.n)) : undefined;
    case 'log':
      return second ? exactLogarithm(first, second) : undefined;
    default:
      return undefined;
  }
}

const isCount = (value: Fraction): boolean => value.d === 1n && value.s >= 0n && value.n <= MAX_FACTORIAL;

/** n (n - step) (n - 2 step) …, down to 1 or 2. */
function factorial(count: bigint, step = 1n): bigint {
  let result = 1n;
  for (let factor = count; factor > 1n; factor -= step) result *= factor;
  return result;
}

function ofSeveral(
  name: 'max' | 'min' | 'gcd' | 'lcm',
  values: readonly (Fraction | undefined)[],
): Fraction | undefined {
  let result: Fraction | undefined;
  for (const value of values) {
    if (!value || ((name === 'gcd' || name === 'lcm') && value.d !== 1n)) return undefined;
    result = result ? pick(name, result, value) : value;
  }
  return result;
}

function pick(name: 'max' | 'min' | 'gcd' | 'lcm', a: Fraction, b: Fraction): Fraction | undefined {
  if (name === 'gcd') return a.gcd(b);
  if (name === 'lcm') return bounded(a.lcm(b));
  return a.compare(b) > 0 === (name === 'max') ? a : b;
}

function binomial(from: bigint, taken: bigint): bigint {
  return taken > from ? 0n : factorial(from) / factorial(taken) / factorial(from - taken);
}

/** Whole logarithms only. */
function exactLogarithm(value: Fraction, base: Fraction): Fraction | undefined {
  if (value.s <= 0n || value.n === 0n || base.s <= 0n || base.n === 0n || base.equals(1)) return undefined;
  const guess = Math.round(Math.log(value.valueOf()) / Math.log(base.valueOf()));
  if (!Number.isFinite(guess) || Math.abs(guess) > 1000) return undefined;
  return exactPower(base, new Fraction(guess))?.equals(value) ? new Fraction(guess) : undefined;
}
