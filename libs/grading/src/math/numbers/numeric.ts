/**
 * Numeric evaluation in complex numbers of double precision, each with a bound of its rounding error: two values are equal
 * where they differ by no more than both may be off. No tolerance is chosen by hand.
 */
import { Complex } from 'complex.js';
import type { Steps } from '../limits.ts';
import type { Node, NodeOf } from '../tree/node.ts';
import { numericCall, numericPower } from './numeric-call.ts';

export interface Approximate {
  readonly value: Complex;
  readonly error: number;
}

export type Values = ReadonlyMap<string, number>;

/** Half a unit in the last place, four times over: sums and library functions lose a little more than one rounding. */
export const EPSILON = 2 ** -50;

export const approximate = (value: Complex, error = 0): Approximate => ({
  value,
  error: error + EPSILON * value.abs(),
});

/**
 * The value of an expression where its symbols have these values; undefined where it has none, or with `inReals` where any part
 * of it is no real number.
 */
export function numericValue(node: Node, values: Values, steps: Steps, inReals = false): Approximate | undefined {
  if (!steps.take()) return undefined;
  const result = evaluate(node, values, (child) => numericValue(child, values, steps, inReals));
  if (inReals && result && Math.abs(result.value.im) > 2 * result.error) return undefined;
  return result && Number.isFinite(result.value.re) && Number.isFinite(result.value.im) && Number.isFinite(result.error)
    ? result
    : undefined;
}

type Of = (node: Node) => Approximate | undefined;

function evaluate(node: Node, values: Values, of: Of): Approximate | undefined {
  switch (node.kind) {
    case 'number':
      return approximate(new Complex(node.value.valueOf(), 0));
    case 'symbol':
      return values.has(node.name) ? { value: new Complex(values.get(node.name)!, 0), error: 0 } : undefined;
    case 'constant':
      return constant(node.name);
    case 'negative':
      return map(of(node.value), ({ value, error }) => ({ value: value.neg(), error }));
    case 'sum':
      return fold(node.terms, of, add);
    case 'product':
      return fold(node.factors, of, multiply);
    case 'quotient':
      return both(of(node.top), of(node.bottom), divide);
    case 'power':
      return numericPower(node, of);
    case 'quantity':
      return map(of(node.value), (value) => multiply(value, approximate(new Complex(scale(node.unit), 0))));
    case 'call':
      return numericCall(node, of);
    default:
      return undefined;
  }
}

const scale = (unit: NodeOf<'quantity'>['unit']): number =>
  unit === '%' ? 0.01 : unit === 'degree' ? Math.PI / 180 : 1;

function constant(name: NodeOf<'constant'>['name']): Approximate | undefined {
  if (name === 'i') return { value: new Complex(0, 1), error: 0 };
  if (name === 'infinity') return undefined;
  return approximate(new Complex(name === 'pi' ? Math.PI : Math.E, 0));
}

export function map<T, R>(value: T | undefined, to: (value: T) => R): R | undefined {
  return value === undefined ? undefined : to(value);
}

export function both<T, R>(a: T | undefined, b: T | undefined, to: (a: T, b: T) => R): R | undefined {
  return a === undefined || b === undefined ? undefined : to(a, b);
}

function fold(
  nodes: readonly Node[],
  of: Of,
  join: (a: Approximate, b: Approximate) => Approximate,
): Approximate | undefined {
  let total: Approximate | undefined;
  for (const node of nodes) {
    const value = of(node);
    if (!value) return undefined;
    total = total ? join(total, value) : value;
  }
  return total;
}

function add(a: Approximate, b: Approximate): Approximate {
  return approximate(a.value.add(b.value), a.error + b.error);
}

export function multiply(a: Approximate, b: Approximate): Approximate {
  return approximate(a.value.mul(b.value), a.value.abs() * b.error + b.value.abs() * a.error + a.error * b.error);
}

export function divide(a: Approximate, b: Approximate): Approximate | undefined {
  const size = b.value.abs();
  // A divisor that may be zero: the quotient is not known.
  if (size <= 2 * b.error) return undefined;
  const quotient = a.value.div(b.value);
  return approximate(quotient, (a.error + quotient.abs() * b.error) / (size - b.error));
}

/** Whether both are the same number as far as double precision tells, and it tells at least eight digits. */
export function nearlyEqual(a: Approximate, b: Approximate): boolean {
  const size = Math.max(a.value.abs(), b.value.abs());
  const error = 2 * (a.error + b.error);
  if (error > 1e-8 * Math.max(size, 1e-3)) return false;
  return a.value.sub(b.value).abs() <= error;
}
