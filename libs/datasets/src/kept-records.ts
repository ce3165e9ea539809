import type { RuleReport } from '@hone/contracts';
import { EvenCut } from './even-cut.ts';
import { PairFigures } from './pair-figures.ts';
import { cutOf, sharesOf } from './shares.ts';
import type { TrainingRecord } from './store-dataset.ts';

/** How many records are kept. */
export interface Limit {
  /** Most pairs or examples in all; 0 means no limit. */
  readonly most: number;
  /** Says who is left one more where they do not come out even. */
  readonly seed: bigint;
}

/**
 * What is kept of the records that a rule makes: all, or so many in all, spread over their problems. Where there is a limit they are
 * made twice: all are counted before the first is kept.
 */
export class KeptRecords {
  private readonly pairs = new PairFigures();
  private examples = 0;
  private cutOff = 0;
  private readonly made: () => AsyncIterable<TrainingRecord>;
  private readonly limit: Limit;

  /** `made` makes the records, the same ones each time. */
  constructor(made: () => AsyncIterable<TrainingRecord>, limit: Limit) {
    this.made = made;
    this.limit = limit;
  }

  /** The kept ones, in the order in which they were made. */
  async *records(): AsyncGenerator<TrainingRecord, void> {
    const cut = this.limit.most > 0 ? await this.counted() : undefined;
    for await (const share of sharesOf(this.made())) {
      const left = cut ? cut.left(share.of, share.size) : share.size;
      this.cutOff += share.size - left;
      for (const record of cutOf(share, left)) {
        if (record.$case === 'group') this.pairs.add(record.value);
        else this.examples += 1;
        yield record;
      }
    }
  }

  /** The rule's report with the figures of what was kept, once all of it is read. */
  reported(report: RuleReport): RuleReport {
    const { pairs, examples, cutOff } = this;
    const dropped = cutOff > 0 ? { ...report.dropped, over_most: cutOff } : report.dropped;
    return { ...report, ...pairs.figures(), examples, dropped };
  }

  /** How many records there are of each problem, and so how many are left to each. */
  private async counted(): Promise<EvenCut> {
    const cut = new EvenCut(this.limit.most, this.limit.seed);
    for await (const { of, size } of sharesOf(this.made())) cut.count(of, size);
    return cut;
  }
}
