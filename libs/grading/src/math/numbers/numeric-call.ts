/** Powers and functions with their error bounds: |f(x + e) - f(x)| <= |f'(x)| e. */
import { Complex } from 'complex.js';
import type { Node, NodeOf } from '../tree/node.ts';
import { approximate, both, divide, EPSILON, map, multiply, type Approximate } from './approximate.ts';
import { DEFINED, unknownFunction, WRITTEN_ONLY } from './functions.ts';

type Of = (node: Node) => Approximate | undefined;

export function numericPower(node: NodeOf<'power'>, of: Of): Approximate | undefined {
  // x^{2/3} of a negative x is meant in the reals.
  const root = rationalExponent(node.exponent);
  if (root) {
    const base = of(node.base);
    if (base && isReal(base) && base.value.re < 0 && root.bottom % 2 === 1)
      return map(realRoot(base, root.bottom), (value) => power(value, constant(root.top)));
  }
  return both(of(node.base), of(node.exponent), power);
}

function rationalExponent(node: Node): { readonly top: number; readonly bottom: number } | undefined {
  if (node.kind !== 'quotient' || node.top.kind !== 'number' || node.bottom.kind !== 'number') return undefined;
  const value = node.top.value.div(node.bottom.value.n === 0n ? 1 : node.bottom.value);
  return { top: Number(value.s * value.n), bottom: Number(value.d) };
}

const constant = (value: number): Approximate => ({ value: new Complex(value, 0), error: 0 });

const isReal = ({ value, error }: Approximate): boolean => Math.abs(value.im) <= error;

function power(base: Approximate, exponent: Approximate): Approximate | undefined {
  const size = base.value.abs();
  if (size === 0) {
    if (exponent.value.re === 0 && exponent.value.im === 0) return constant(1);
    return exponent.value.re > 0 && exponent.error < exponent.value.re ? constant(0) : undefined;
  }
  const result = raise(base.value, exponent.value);
  if (size <= 2 * base.error) return undefined;
  const relative =
    (exponent.value.abs() * base.error) / (size - base.error) + (Math.abs(Math.log(size)) + Math.PI) * exponent.error;
  return approximate(result, result.abs() * (relative + EPSILON * (1 + exponent.value.abs())));
}

/** Squaring for small whole exponents: more exact than logarithms. */
function raise(base: Complex, exponent: Complex): Complex {
  const { re } = exponent;
  if (exponent.im !== 0 || !Number.isInteger(re) || Math.abs(re) > 64) return base.pow(exponent);
  let result = new Complex(1, 0);
  for (let left = Math.abs(re); left > 0; left -= 1) result = result.mul(base);
  return re < 0 ? new Complex(1, 0).div(result) : result;
}

/** The real root of a real number, for odd indices also of negative ones; else the principal root. */
function realRoot(of: Approximate, index: number): Approximate | undefined {
  const { value, error } = of;
  const size = value.abs();
  if (size === 0) return error === 0 ? constant(0) : { value: new Complex(0, 0), error: error ** (1 / index) };
  const slope = size ** (1 / index - 1) / index;
  if (isReal(of) && value.re < 0 && index % 2 === 1)
    return approximate(new Complex(-((-value.re) ** (1 / index)), 0), slope * error);
  const root = index === 2 ? value.sqrt() : value.pow(new Complex(1 / index, 0));
  return approximate(root, slope * error + 4 * EPSILON * root.abs());
}

function root(value: Approximate, index: Approximate): Approximate | undefined {
  const whole = index.value.re;
  if (index.value.im !== 0 || !Number.isInteger(whole) || whole < 1)
    return map(divide(constant(1), index), (by) => power(value, by));
  return realRoot(value, whole);
}

type Function = (x: Complex) => Complex;

/** Functions of one input with their derivatives. */
const SIMPLE: Readonly<Record<string, readonly [value: Function, slope: Function]>> = {
  sin: [(x) => x.sin(), (x) => x.cos()],
  cos: [(x) => x.cos(), (x) => x.sin()],
  sinh: [(x) => x.sinh(), (x) => x.cosh()],
  cosh: [(x) => x.cosh(), (x) => x.sinh()],
  tanh: [(x) => x.tanh(), (x) => new Complex(1, 0).sub(x.tanh().pow(new Complex(2, 0)))],
  ln: [(x) => x.log(), (x) => x.inverse()],
  arctan: [(x) => x.atan(), (x) => new Complex(1, 0).div(x.mul(x).add(1, 0))],
  arcsin: [(x) => x.asin(), (x) => new Complex(1, 0).div(new Complex(1, 0).sub(x.mul(x)).sqrt())],
  arcsinh: [(x) => x.asinh(), (x) => x.mul(x).add(1, 0).sqrt().inverse()],
  arctanh: [(x) => x.atanh(), (x) => new Complex(1, 0).div(new Complex(1, 0).sub(x.mul(x)))],
  arccosh: [(x) => x.acosh(), (x) => x.mul(x).sub(1, 0).sqrt().inverse()],
  arccot: [(x) => new Complex(Math.PI / 2, 0).sub(x.atan()), (x) => new Complex(1, 0).div(x.mul(x).add(1, 0))],
  arcsec: [(x) => x.inverse().acos(), (x) => x.mul(x).mul(x.mul(x).sub(1, 0).sqrt()).sqrt().inverse()],
  arccsc: [(x) => x.inverse().asin(), (x) => x.mul(x).mul(x.mul(x).sub(1, 0).sqrt()).sqrt().inverse()],
  cis: [(x) => x.cos().add(x.sin().mul(new Complex(0, 1))), () => new Complex(1, 0)],
  arccos: [(x) => x.acos(), (x) => new Complex(1, 0).div(new Complex(1, 0).sub(x.mul(x)).sqrt())],
};

/** Those that are quotients of the functions above. */
const QUOTIENTS: Readonly<Record<string, readonly [top: string | undefined, bottom: string]>> = {
  tan: ['sin', 'cos'],
  cot: ['cos', 'sin'],
  sec: [undefined, 'cos'],
  csc: [undefined, 'sin'],
  coth: ['cosh', 'sinh'],
  sech: [undefined, 'cosh'],
  csch: [undefined, 'sinh'],
};

export function numericCall(node: NodeOf<'call'>, of: Of): Approximate | undefined {
  const inputs: Approximate[] = [];
  for (const input of node.inputs) {
    const value = of(input);
    if (!value) return undefined;
    inputs.push(value);
  }
  const [first, second] = inputs;
  if (!first) return undefined;
  const quotient = QUOTIENTS[node.name];
  if (quotient) return divided(quotient, first);
  if (SIMPLE[node.name]) return simple(node.name, first);
  if (node.name === 'root' && second) return root(first, second);
  if (node.name === 'log' && second) return both(simple('ln', first), simple('ln', second), divide);
  if (node.name === 'absolute')
    return { value: new Complex(first.value.abs(), 0), error: first.error + EPSILON * first.value.abs() };
  if (node.name === 'floor' || node.name === 'ceiling') return rounded(node.name, first);
  if (node.name === 'binomial' && second) return binomial(first, second.value.re);
  if (node.name === 'max' || node.name === 'min') return extreme(node.name, inputs);
  return DEFINED.has(node.name) || WRITTEN_ONLY.has(node.name) ? undefined : unknownFunction(node.name, inputs);
}

function simple(name: string, { value, error }: Approximate): Approximate | undefined {
  const [apply, slope] = SIMPLE[name]!;
  const steepness = slope(value).abs();
  // At a pole or a branch point the error of the input says nothing about the output.
  if (!Number.isFinite(steepness)) return error === 0 || name !== 'ln' ? approximate(apply(value), 1e-9) : undefined;
  return approximate(apply(value), 2 * steepness * error + EPSILON);
}

function divided([top, bottom]: readonly [string | undefined, string], input: Approximate): Approximate | undefined {
  return both(top === undefined ? constant(1) : simple(top, input), simple(bottom, input), divide);
}

/** The largest or smallest of real numbers; where two are too close to tell, either. */
function extreme(name: 'max' | 'min', inputs: readonly Approximate[]): Approximate | undefined {
  if (!inputs.every(isReal)) return undefined;
  const sorted = [...inputs].sort((a, b) => a.value.re - b.value.re);
  return name === 'max' ? sorted.at(-1) : sorted[0];
}

function rounded(name: 'floor' | 'ceiling', { value, error }: Approximate): Approximate | undefined {
  if (Math.abs(value.im) > error) return undefined;
  const nearest = Math.round(value.re);
  if (Math.abs(value.re - nearest) <= 4 * error) return constant(nearest);
  return constant(name === 'floor' ? Math.floor(value.re) : Math.ceil(value.re));
}

/** n (n - 1) … (n - k + 1) / k! for whole k. */
function binomial(from: Approximate, taken: number): Approximate | undefined {
  if (!Number.isInteger(taken) || taken < 0 || taken > 64) return undefined;
  let result: Approximate | undefined = constant(1);
  for (let step = 0; step < taken && result; step += 1) {
    const factor = approximate(from.value.sub(step, 0), from.error);
    result = divide(multiply(result, factor), constant(step + 1));
  }
  return result;
}
