/** Seeded random numbers: the same ones on every machine. */

const MASK_64 = (1n << 64n) - 1n;

/** SplitMix64 (Steele, Lea, Flood 2014): spreads a seed over all bits of a state. */
function* splitMix64(seed: bigint): Generator<bigint, never> {
  for (let state = seed & MASK_64; ;) {
    state = (state + 0x9e3779b97f4a7c15n) & MASK_64;
    let value = state;
    value = ((value ^ (value >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK_64;
    value = ((value ^ (value >> 27n)) * 0x94d049bb133111ebn) & MASK_64;
    yield value ^ (value >> 31n);
  }
}

const rotateLeft = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** xoshiro128** (Blackman, Vigna 2018), its state filled by SplitMix64. The same numbers on every machine. */
export class Random {
  private s0: number;
  private s1: number;
  private s2: number;
  private s3: number;
  private spare: number | undefined;

  constructor(seed: bigint) {
    const words = splitMix64(seed);
    const [first, second] = [words.next().value, words.next().value];
    this.s0 = Number(first & 0xffffffffn) | 0;
    this.s1 = Number(first >> 32n) | 0;
    this.s2 = Number(second & 0xffffffffn) | 0;
    this.s3 = Number(second >> 32n) | 0;
  }

  /** The next 32 bits, as an unsigned integer. */
  bits(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.s1, 5), 7), 9);
    const shifted = this.s1 << 9;
    this.s2 ^= this.s0;
    this.s3 ^= this.s1;
    this.s1 ^= this.s2;
    this.s0 ^= this.s3;
    this.s2 ^= shifted;
    this.s3 = rotateLeft(this.s3, 11);
    return result >>> 0;
  }

  /** From [0, 1). */
  uniform(): number {
    return this.bits() / 2 ** 32;
  }

  /** Standard normal, by the Box-Muller transform. */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** The array itself, in random order (Fisher-Yates). */
  shuffle<Item>(items: Item[]): Item[] {
    for (let last = items.length - 1; last > 0; last--) {
      const other = Math.floor(this.uniform() * (last + 1));
      [items[last], items[other]] = [items[other]!, items[last]!];
    }
    return items;
  }
}
