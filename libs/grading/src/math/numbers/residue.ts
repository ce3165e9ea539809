/** Numbers that are too large to write down, such as 2^{100000} or 1000!, by their remainder. */
import type { Fraction } from 'fraction.js';
import { exactValue } from './exact.ts';
import type { Steps } from '../limits.ts';
import type { Node, NodeOf } from '../tree/node.ts';

/**
 * Two different numbers have the same remainder only if this prime divides their difference, which it does for nothing that people
 * write. `(p - 1) / 2` is prime as well, so that no power of a base repeats before an exponent of 126 bits.
 */
const PRIME = 267_257_146_016_241_686_964_920_093_290_467_696_047n;
/** Factors of the largest factorial. */
const MAX_FACTORS = 20_000n;
/** Multiplications that take as long as the visit of a node. */
const FACTORS_PER_STEP = 10;

/** The remainder of an expression without symbols; undefined where it has no value that is rational by the way it is written. */
export function residueOf(node: Node, steps: Steps): bigint | undefined {
  if (!steps.take()) return undefined;
  const of = (child: Node): bigint | undefined => residueOf(child, steps);
  switch (node.kind) {
    case 'number':
      return ofFraction(node.value);
    case 'negative':
      return over(of(node.value), (value) => reduced(-value));
    case 'sum':
      return fold(node.terms.map(of), 0n, (a, b) => a + b);
    case 'product':
      return fold(node.factors.map(of), 1n, (a, b) => a * b);
    case 'quotient':
      return quotient(of(node.top), of(node.bottom));
    case 'power':
      return power(of(node.base), exactValue(node.exponent, new Map(), steps));
    case 'call':
      return ofCall(node, steps);
    default:
      return undefined;
  }
}

const reduced = (value: bigint): bigint => ((value % PRIME) + PRIME) % PRIME;

const over = (value: bigint | undefined, rule: (value: bigint) => bigint): bigint | undefined =>
  value === undefined ? undefined : rule(value);

const fold = (
  values: readonly (bigint | undefined)[],
  start: bigint,
  join: (a: bigint, b: bigint) => bigint,
): bigint | undefined =>
  values.reduce(
    (total, value) => (total === undefined || value === undefined ? undefined : reduced(join(total, value))),
    start,
  );

const ofFraction = ({ s, n, d }: Fraction): bigint | undefined => quotient(reduced(s * n), reduced(d));

/** By Fermat: 1/b = b^(p-2). */
const quotient = (top: bigint | undefined, bottom: bigint | undefined): bigint | undefined =>
  top === undefined || bottom === undefined || bottom === 0n ? undefined : reduced(top * raised(bottom, PRIME - 2n));

function power(base: bigint | undefined, exponent: Fraction | undefined): bigint | undefined {
  if (base === undefined || !exponent || exponent.d !== 1n) return undefined;
  if (base === 0n) return exponent.s > 0n ? 0n : undefined;
  const value = raised(base, exponent.n);
  return exponent.s < 0n ? quotient(1n, value) : value;
}

/** Square and multiply. */
function raised(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = reduced(result * result);
    if (bit === '1') result = reduced(result * base);
  }
  return result;
}

function ofCall({ name, inputs }: NodeOf<'call'>, steps: Steps): bigint | undefined {
  const [from, taken] = inputs.map((input) => exactValue(input, new Map(), steps));
  if (!isCount(from)) return undefined;
  if (name === 'factorial') return descending(from.n, from.n, steps);
  if (name === 'doubleFactorial') return descending(from.n, (from.n + 1n) / 2n, steps, 2n);
  if (name !== 'binomial' || !isCount(taken)) return undefined;
  return quotient(descending(from.n, taken.n, steps), descending(taken.n, taken.n, steps));
}

const isCount = (value: Fraction | undefined): value is Fraction => value?.d === 1n && value.s >= 0n;

/** from (from - step) … , `count` factors. */
function descending(from: bigint, count: bigint, steps: Steps, step = 1n): bigint | undefined {
  if (count > MAX_FACTORS || !steps.take(Math.ceil(Number(count) / FACTORS_PER_STEP))) return undefined;
  let result = 1n;
  for (let taken = 0n; taken < count; taken += 1n) result = reduced(result * (from - taken * step));
  return result;
}
