import { seedFor } from '@hone/statistics';

/**
 * At most so many records in all, spread evenly over what they are of: first all are counted, then each is told how many are left to it.
 * Nobody is left more than another who had as many, but for one record where they do not come out even: then the seed says whose. It does
 * not depend on any order. Two numbers are held for each.
 */
export class EvenCut {
  private readonly most: number;
  private readonly seed: bigint;
  private readonly counts: number[] = [];
  private readonly ranks: number[] = [];
  private quota: { readonly level: number; readonly lastRank: number } | undefined;

  constructor(most: number, seed: bigint) {
    this.most = most;
    this.seed = seed;
  }

  /** Counts the records of one, each of whom comes once. */
  count(of: string, records: number): void {
    this.counts.push(records);
    this.ranks.push(this.rankOf(of));
  }

  /** How many of so many records are left to one. */
  left(of: string, records: number): number {
    const { level, lastRank } = (this.quota ??= this.share());
    if (records <= level) return records;
    return this.rankOf(of) <= lastRank ? level + 1 : level;
  }

  /** All have up to `level`; those of a low rank who have more get one of what is over. */
  private share(): { level: number; lastRank: number } {
    const level = this.levelOf();
    const over = this.most - this.kept(level);
    const above = this.ranks.filter((_, index) => this.counts[index]! > level).sort((one, other) => one - other);
    return { level, lastRank: over >= above.length ? Infinity : (above[over - 1] ?? -1) };
  }

  /** The highest level at which not too many are kept. */
  private levelOf(): number {
    let [low, high] = [0, this.counts.reduce((most, count) => Math.max(most, count), 0)];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.kept(middle) <= this.most) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private kept(level: number): number {
    return this.counts.reduce((total, count) => total + Math.min(count, level), 0);
  }

  private rankOf(of: string): number {
    // As many bits as a number holds exactly.
    return Number(seedFor(this.seed, 'even cut', of) >> 11n);
  }
}
