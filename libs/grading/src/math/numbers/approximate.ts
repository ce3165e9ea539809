/** Complex numbers of double precision, each with a bound of its rounding error. */
import type { Complex } from 'complex.js';

export interface Approximate {
  readonly value: Complex;
  readonly error: number;
}

/** Half a unit in the last place, four times over: sums and library functions lose a little more than one rounding. */
export const EPSILON = 2 ** -50;

export const approximate = (value: Complex, error = 0): Approximate => ({
  value,
  error: error + EPSILON * value.abs(),
});

/** What is not known stays so. */
export function map<T, R>(value: T | undefined, to: (value: T) => R): R | undefined {
  return value === undefined ? undefined : to(value);
}

export function both<T, R>(a: T | undefined, b: T | undefined, to: (a: T, b: T) => R): R | undefined {
  return a === undefined || b === undefined ? undefined : to(a, b);
}

export function add(a: Approximate, b: Approximate): Approximate {
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
