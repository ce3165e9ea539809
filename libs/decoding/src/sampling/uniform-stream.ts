import { Random } from '@hone/statistics';

/**
 * The uniform numbers that one sample's tokens are drawn with, from the sample's seed. Each is the upper 23 bits of a draw over
 * 2^23: exact in float32 and never 1.
 */
export class UniformStream {
  private readonly random: Random;

  constructor(seed: bigint) {
    this.random = new Random(seed);
  }

  /** The next number, from [0, 1). */
  next(): number {
    return (this.random.bits() >>> 9) / 2 ** 23;
  }
}
