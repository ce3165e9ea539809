import { describe, expect, it } from 'vitest';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from './dtype.ts';

const allBits = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

function widened(widen: (source: Uint16Array, target: Float32Array) => void, bits: Uint16Array): Float32Array {
  const values = new Float32Array(bits.length);
  widen(bits, values);
  return values;
}

function narrowed(narrow: (source: Float32Array, target: Uint16Array) => void, values: number[]): number[] {
  const bits = new Uint16Array(values.length);
  narrow(Float32Array.from(values), bits);
  return [...bits];
}

describe('16-bit floats', () => {
  it.each([
    ['float16', float16ToFloat32, float32ToFloat16],
    ['bfloat16', bfloat16ToFloat32, float32ToBfloat16],
  ] as const)('every %s that is a number survives the way to fp32 and back', (_name, widen, narrow) => {
    const values = widened(widen, allBits);
    const back = narrowed(narrow, [...values]);
    const changed = allBits.filter((bits) => !Number.isNaN(values[bits]!) && back[bits] !== bits);
    expect(changed).toHaveLength(0);
  });

  it('widens known halves: smallest subnormal, one third, largest, infinity', () => {
    const values = widened(float16ToFloat32, Uint16Array.of(0x0001, 0x3555, 0x7bff, 0xfc00));
    expect([...values]).toEqual([2 ** -24, 0.333251953125, 65504, -Infinity]);
  });

  it('rounds to the nearest half, ties to even, and past the largest to infinity', () => {
    const values = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 2 ** -25, 1.5 * 2 ** -24, 2047.5 * 2 ** -25, 65519, 65520, -0];
    expect(narrowed(float32ToFloat16, values)).toEqual([0x3c00, 0x3c02, 0, 2, 0x0400, 0x7bff, 0x7c00, 0x8000]);
  });

  it('rounds to the nearest bfloat16, ties to even', () => {
    const values = [1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, -1];
    expect(narrowed(float32ToBfloat16, values)).toEqual([0x3f80, 0x3f82, 0x3f81, 0xbf80]);
  });
});
