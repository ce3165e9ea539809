/**
 * Numeric evaluation in complex numbers of double precision, each with a bound of its rounding error: two values are equal
 * where they differ by no more than both may be off. No tolerance is chosen by hand.
 */
import { Complex } from 'complex.js';
import type { Steps } from '../limits.ts';
import type { Node, NodeOf } from '../tree/node.ts';
import { add, approximate, both, divide, map, multiply, type Approximate } from './approximate.ts';
import { numericCall, numericPower } from './numeric-call.ts';

export type Values = ReadonlyMap<string, number>;

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
