import { describe, expect, it } from 'vitest';
import { packFloat32, packInt32, unpackFloat32, unpackInt32 } from './index.ts';

describe('packed arrays', () => {
  it('come back as they were', () => {
    const ids = [0, 1, -1, 2147483647, 49151];
    expect([...unpackInt32(packInt32(ids))]).toEqual(ids);
    const logProbs = Float32Array.of(-0.5, -1e-7, -Infinity, Math.fround(-3.3));
    expect(unpackFloat32(packFloat32(logProbs))).toEqual(logProbs);
    expect(unpackInt32(packInt32([]))).toHaveLength(0);
  });

  it('are little-endian', () => {
    expect(Buffer.from(packInt32([1, 258]), 'base64')).toEqual(Buffer.from([1, 0, 0, 0, 2, 1, 0, 0]));
    expect(Buffer.from(packFloat32([1]), 'base64')).toEqual(Buffer.from([0, 0, 0x80, 0x3f]));
  });

  it('pack a view of a larger buffer as the view alone', () => {
    expect(packInt32(Int32Array.of(1, 2, 3).subarray(1, 2))).toBe(packInt32([2]));
  });

  it.each(['AAA', 'AQAAAA', 'AQAAAA==!', '####'])('refuse %j, which is not whole values', (text) => {
    expect(() => unpackInt32(text)).toThrow(/not base64 of whole 4-byte values/);
  });
});
