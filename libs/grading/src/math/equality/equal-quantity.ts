/** Single values with what they are measured in, and other ways of writing numbers. */
import { Fraction } from 'fraction.js';
import { number, product, quantity } from '../tree/build.ts';
import { equalExpressions } from './equal-expression.ts';
import { exactValue } from '../numbers/exact.ts';
import type { Steps } from '../limits.ts';
import { symbolsOf, type Node } from '../tree/node.ts';
import { isUnit, unitFactor, unitName } from '../notation/units.ts';

interface Quantity {
  readonly value: Node;
  readonly unit: string;
}

function unwrapped(node: Node): Quantity {
  if (node.kind === 'quantity') return { value: node.value, unit: node.unit };
  if (node.kind !== 'negative') return { value: node, unit: '' };
  const inner = unwrapped(node.value);
  return { value: { kind: 'negative', value: inner.value }, unit: inner.unit };
}

/** Where the other side has a unit, letters behind a number may be one: "5 m", "10 m/s". */
function withLetterUnit(plain: Quantity): Quantity {
  if (plain.unit !== '') return plain;
  const [top, bottom] = plain.value.kind === 'quotient' ? [plain.value.top, plain.value.bottom] : [plain.value];
  if (top.kind !== 'product') return plain;
  const names = [top.factors.at(-1)!, ...(bottom ? [bottom] : [])].map(letterUnit);
  const value = product(top.factors.slice(0, -1));
  if (names.includes(undefined) || symbolsOf(value).size > 0) return plain;
  return { value, unit: unitName(names.join('/')) };
}

function letterUnit(node: Node): string | undefined {
  if (node.kind === 'symbol') return /^[a-z]$/.test(node.name) && isUnit(node.name) ? node.name : undefined;
  if (node.kind !== 'power' || node.exponent.kind !== 'number') return undefined;
  const name = letterUnit(node.base);
  return name === undefined ? undefined : `${name}^${node.exponent.value.toFraction()}`;
}

/** A missing unit is no mistake, a different one is: 5 cm is 5, and 0.05 m, but not 5 m. */
export function equalQuantities(a: Node, b: Node, steps: Steps): boolean {
  const [first, second] = [unwrapped(a), unwrapped(b)];
  const one = second.unit === '' ? first : withLetterUnit(first);
  const other = first.unit === '' ? second : withLetterUnit(second);
  if (one.unit !== '' && other.unit !== '') {
    const factor = unitFactor(one.unit, other.unit);
    if (factor === undefined) return false;
    return equalExpressions(factor.equals(1) ? one.value : product([one.value, number(factor)]), other.value, steps);
  }
  if (equalExpressions(one.value, other.value, steps)) return true;
  return equalScaled(one, other, steps) || equalScaled(other, one, steps);
}

/** 25\% is 25 where the question asks for percent, and 1/4 by its meaning; so are degrees and radians. */
function equalScaled(scaled: Quantity, bare: Quantity, steps: Steps): boolean {
  if ((scaled.unit !== '%' && scaled.unit !== 'degree') || bare.unit !== '') return false;
  const value = exactValue(bare.value, new Map(), steps);
  // 500\% for "how many percent? 5" is wrong.
  if (value?.d === 1n && value.n > 1n) return false;
  return equalExpressions(quantity(scaled.value, scaled.unit), bare.value, steps);
}

/** "≈ 8.24" is matched by what rounds to as many decimals. */
export function roundsToGold(gold: Node, answer: Node, steps: Steps): boolean {
  const bare = answer.kind === 'approximate' ? answer.value : answer;
  const [a, b] = [unwrapped(gold), unwrapped(bare)];
  const value = exactValue(b.value, new Map(), steps);
  if (a.value.kind !== 'number' || !value || unitFactor(a.unit, b.unit) === undefined) return false;
  return (
    value
      .sub(a.value.value)
      .abs()
      .mul(2)
      .mul(new Fraction(10n ** BigInt(a.value.decimals)))
      .compare(1) <= 0
  );
}

/** Numerals are compared as they are written: 5 is no answer to "write it in base two". */
export function equalNumerals(gold: Node, answer: Node, steps: Steps): boolean {
  if (answer.kind === 'numeral' && answer.base === 10 && gold.kind !== 'numeral')
    return equalExpressions(gold, answer, steps);
  if (gold.kind !== 'numeral') return false;
  if (gold.base === 10 && answer.kind !== 'numeral') return equalQuantities(gold, answer, steps);
  if (answer.kind === 'numeral') return gold.base === answer.base && gold.digits === answer.digits;
  if (gold.base > 10 && lettersOf(answer)?.toUpperCase() === gold.digits) return true;
  return answer.kind === 'number' && answer.decimals === 0 && answer.value.toFraction() === gold.digits;
}

/** Digits without their base read as a product of numbers and letters: 3F, ab. */
function lettersOf(node: Node): string | undefined {
  if (node.kind === 'symbol' || node.kind === 'constant') return node.name;
  if (node.kind === 'number') return node.decimals === 0 ? node.value.toFraction() : undefined;
  if (node.kind !== 'product') return undefined;
  const parts = node.factors.map(lettersOf);
  return parts.includes(undefined) ? undefined : parts.join('');
}

export function equalRatios(a: Node, b: Node, steps: Steps): boolean {
  if (a.kind === 'ratio' && b.kind === 'ratio') {
    if (a.parts.length !== b.parts.length) return false;
    return proportional(a.parts, b.parts, steps);
  }
  const asQuotient = (node: Node): Node =>
    node.kind === 'ratio' && node.parts.length === 2
      ? { kind: 'quotient', top: node.parts[0]!, bottom: node.parts[1]! }
      : node;
  const hasUnit = (node: Node): boolean => node.kind === 'quantity' && node.unit !== '%';
  if (hasUnit(a) || hasUnit(b)) return false;
  const [left, right] = [asQuotient(a), asQuotient(b)];
  return left.kind !== 'ratio' && right.kind !== 'ratio' && equalExpressions(left, right, steps);
}

/** 2:4 is 1:2; parts that are zero have to be so on both sides. */
function proportional(a: readonly Node[], b: readonly Node[], steps: Steps): boolean {
  const isZero = (node: Node): boolean => exactValue(node, new Map(), steps)?.n === 0n;
  if ([...a, ...b].some(isZero)) return a.every((part, at) => equalExpressions(part, b[at]!, steps));
  return a.every((part, at) => equalExpressions(product([part, b[0]!]), product([b[at]!, a[0]!]), steps));
}
