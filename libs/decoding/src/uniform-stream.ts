const MASK_64 = (1n << 64n) - 1n;

/** Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014): the state behind, and its output. */
function splitMix64(state: bigint): { state: bigint; value: bigint } {
  const next = (state + 0x9e3779b97f4a7c15n) & MASK_64;
  let value = next;
  value = ((value ^ (value >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64;
  value = ((value ^ (value >> 27n)) * 0x94d049bb133111ebn) & MASK_64;
  return { state: next, value: value ^ (value >> 31n) };
}

const rotateLeft = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/**
 * The uniform numbers that one sample's tokens are drawn with: xoshiro128** (Blackman, Vigna 2018), its state filled by
 * SplitMix64 from the sample's seed. Each number is the upper 23 bits over 2^23: exact in float32 and never 1.
 */
export class UniformStream {
  private readonly state = new Int32Array(4);

  constructor(seed: bigint) {
    const first = splitMix64(seed & MASK_64);
    const second = splitMix64(first.state);
    for (const [index, { value }] of [first, second].entries()) {
      this.state[2 * index] = Number(value & 0xffffffffn) | 0;
      this.state[2 * index + 1] = Number(value >> 32n) | 0;
    }
  }

  /** The next number, from [0, 1). */
  next(): number {
    let [s0, s1, s2, s3] = this.state as unknown as [number, number, number, number];
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9);
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotateLeft(s3, 11);
    this.state[0] = s0;
    this.state[1] = s1;
    this.state[2] = s2;
    this.state[3] = s3;
    return (result >>> 9) / 2 ** 23;
  }
}
