/** Functions that nobody defined, and operators of which only the two sides are known. */
import { Complex } from 'complex.js';
import { approximate, EPSILON, multiply, type Approximate } from './approximate.ts';

/** Calls that have a value of their own. */
export const DEFINED: ReadonlySet<string> = new Set([
  ...['sin', 'cos', 'tan', 'cot', 'sec', 'csc', 'sinh', 'cosh', 'tanh', 'coth', 'sech', 'csch', 'ln', 'log', 'cis'],
  ...['arcsin', 'arccos', 'arctan', 'arccot', 'arcsec', 'arccsc', 'arcsinh', 'arccosh', 'arctanh'],
  ...['root', 'absolute', 'floor', 'ceiling', 'binomial', 'factorial', 'doubleFactorial', 'gcd', 'lcm', 'max', 'min'],
]);

/** Calls whose value is never known: they are compared as they are written. */
export const WRITTEN_ONLY: ReadonlySet<string> = new Set(['dots']);

/**
 * The value of a function that is not defined: any one of many smooth functions will do, as long as it is the same on both sides
 * and treats each of its inputs in its own way, so that f(x, y) is not f(y, x).
 */
export function unknownFunction(name: string, inputs: readonly Approximate[]): Approximate {
  const seed = hash(name);
  let total: Approximate = { value: new Complex(seed, 0), error: 0 };
  inputs.forEach((input, position) => {
    const rate = 0.37 + 0.11 * position + hash(`${name},${position}`) / 2;
    const part = multiply(input, { value: new Complex(rate, 0), error: 0 });
    total = approximate(
      total.value.add(part.value.sin()),
      total.error + part.error * (1 + part.value.cos().abs()) + EPSILON,
    );
  });
  return total;
}

/** A number from 0 to 1 that depends on all letters (FNV-1a). */
function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (const letter of text) bits = Math.imul(bits ^ letter.codePointAt(0)!, 0x01000193);
  bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca6b);
  return ((bits ^ (bits >>> 13)) >>> 0) / 2 ** 32;
}
