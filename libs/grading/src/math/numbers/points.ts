/** Points at which expressions are compared: the same in every verdict, and without any simple relation between coordinates. */
import { Fraction } from 'fraction.js';

/** Well mixed bits of two counters (the finaliser of MurmurHash3). */
function mixed(point: number, position: number): number {
  let bits = Math.imul(point + 1, 0x9e3779b1) ^ Math.imul(position + 1, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Values of these symbols at a point, as fractions of either sign. */
export function exactPoint(names: readonly string[], point: number): ReadonlyMap<string, Fraction> {
  return new Map(names.map((name, position) => [name, exactCoordinate(mixed(point, position))]));
}

/**
 * Whole numbers for these symbols at a point: for expressions that count, such as n!. From two on, because at 0 and 1 too many
 * things are the same; of a single symbol each number once.
 */
export function countingPoint(names: readonly string[], point: number): ReadonlyMap<string, Fraction> {
  if (names.length === 1) return new Map([[names[0]!, new Fraction(2 + point)]]);
  return new Map(names.map((name, position) => [name, new Fraction(2 + ((mixed(point, position) >>> 8) % 22))]));
}

const exactCoordinate = (bits: number): Fraction =>
  new Fraction((BigInt(bits >>> 16) + 2n) * (bits & 1 ? 1n : -1n), BigInt((bits & 0xff) + 2));

/** Values of these symbols at a point, as numbers between 0.1 and 8; of both signs with `signed`. */
export function numericPoint(names: readonly string[], point: number, signed: boolean): ReadonlyMap<string, number> {
  return new Map(names.map((name, position) => [name, numericCoordinate(mixed(point, position), signed)]));
}

function numericCoordinate(bits: number, signed: boolean): number {
  const size = 0.1 + 7.9 * (bits / 2 ** 32);
  return signed && bits % 3 !== 0 ? -size : size;
}
