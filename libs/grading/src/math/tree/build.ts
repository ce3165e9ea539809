/** Makes nodes. */
import { Fraction } from 'fraction.js';
import type { Node } from './node.ts';

export const number = (value: Fraction | number | bigint, decimals = 0): Node => ({
  kind: 'number',
  value: value instanceof Fraction ? value : new Fraction(value),
  decimals,
});

/** A number as written: digits, perhaps with a decimal part and an exponent of ten. */
export function writtenNumber(text: string): Node {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', decimals = ''] = mantissa.split('.');
  return number(tenths(BigInt(whole + decimals || '0'), decimals.length - Number(exponent)), decimals.length);
}

/** A decimal with a part that repeats without end: 0.1\overline{6}. */
export function repeatingNumber(written: string, repeated: string): Node {
  const [whole = '', decimals = ''] = written.split('.');
  const start = tenths(BigInt(whole + decimals || '0'), decimals.length);
  const nines = 10n ** BigInt(repeated.length) - 1n;
  return number(start.add(new Fraction(BigInt(repeated), nines).mul(tenths(1n, decimals.length))));
}

function tenths(digits: bigint, places: number): Fraction {
  return places >= 0 ? new Fraction(digits, 10n ** BigInt(places)) : new Fraction(digits * 10n ** BigInt(-places));
}

export const symbol = (name: string): Node => ({ kind: 'symbol', name });
export const text = (content: string): Node => ({ kind: 'text', text: content });
export const call = (name: string, ...inputs: Node[]): Node => ({ kind: 'call', name, inputs });
export const negative = (value: Node): Node => ({ kind: 'negative', value });
export const quantity = (value: Node, unit: string): Node => ({ kind: 'quantity', value, unit });
export const product = (factors: readonly Node[]): Node =>
  factors.length === 1 ? factors[0]! : { kind: 'product', factors };
export const sum = (terms: readonly Node[]): Node => (terms.length === 1 ? terms[0]! : { kind: 'sum', terms });
export const infinity: Node = { kind: 'constant', name: 'infinity' };
