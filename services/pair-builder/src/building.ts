/** Problems flow from the store through the rule into the store, a few at a time. */
import type { ArtifactStore } from '@hone/artifacts';
import type { ApplyRuleRequest, Dataset, JudgedProblem, RuleReport } from '@hone/contracts';
import {
  badRule,
  checkedAnswers,
  cutOf,
  EvenCut,
  judgedProblems,
  PairFigures,
  replayed,
  sharesOf,
  storeDataset,
  type JudgedRows,
  type TrainingRecord,
} from '@hone/datasets';
import { toHoneError } from '@hone/errors';
import { seedFor } from '@hone/statistics';
import { addReports } from './add-reports.ts';
import type { OpenRule } from './open-rule.ts';

/** What is to be built. */
export interface Work {
  readonly store: ArtifactStore;
  readonly rule: OpenRule;
  /** Samples, the latest iteration's first. */
  readonly sources: readonly JudgedRows[];
  readonly seed: bigint;
  /** Most records in all; 0 means no limit. */
  readonly most: number;
  readonly signal: AbortSignal;
}

/** What was built. */
export interface Built {
  readonly dataset: Dataset | undefined;
  readonly report: RuleReport;
}

export class Building {
  problemsRead = 0;
  private report: RuleReport | undefined;
  private examples = 0;
  private cutOff = 0;
  private readonly pairs = new PairFigures();
  private readonly work: Work;

  constructor(work: Work) {
    this.work = work;
  }

  async run(): Promise<Built> {
    const { store, most, signal } = this.work;
    const cut = most > 0 ? await this.counted() : undefined;
    const dataset = await storeDataset(store, this.kept(cut), { signal });
    return { dataset, report: this.finished() };
  }

  /** How many records there are of each problem, and so how many are left to each. */
  private async counted(): Promise<EvenCut> {
    const cut = new EvenCut(this.work.most, this.work.seed);
    for await (const { of, size } of sharesOf(this.records())) cut.count(of, size);
    this.report = undefined;
    return cut;
  }

  /** The records that go into the dataset. */
  private async *kept(cut: EvenCut | undefined): AsyncGenerator<TrainingRecord> {
    for await (const share of sharesOf(this.records())) {
      const left = cut ? cut.left(share.of, share.size) : share.size;
      this.cutOff += share.size - left;
      for (const record of cutOf(share, left)) {
        if (record.$case === 'group') this.pairs.add(record.value);
        else this.examples += 1;
        yield record;
      }
    }
  }

  /** The rule's report, with the figures of what went into the dataset. */
  private finished(): RuleReport {
    const { report, examples, cutOff } = this;
    if (!report) throw badRule(this.work.rule.rule.name, 'ends without a report');
    const dropped = cutOff > 0 ? { ...report.dropped, over_most: cutOff } : report.dropped;
    return { ...report, ...this.pairs.figures(), examples, dropped };
  }

  /** What the rule makes of each source, one after the other. */
  private async *records(): AsyncGenerator<TrainingRecord> {
    for (const [source, rows] of this.work.sources.entries())
      for await (const record of this.recordsOf(rows, source))
        yield record.$case === 'group' && source > 0
          ? { $case: 'group', value: replayed(record.value, source) }
          : record;
  }

  private async *recordsOf(rows: JudgedRows, source: number): AsyncGenerator<TrainingRecord> {
    const { store, rule, seed, signal } = this.work;
    const before = this.problemsRead;
    // What is replayed is paired anew.
    const ownSeed = source === 0 ? seed : seedFor(seed, 'source', source);
    const answers = rule.apply(this.requests(judgedProblems(store, rows)), ownSeed, signal);
    const sent = (): number => this.problemsRead - before;
    const checked = rule.isOwn ? answers : checkedAnswers(rule.rule, answers, judgedProblems(store, rows), sent);
    for await (const { message } of checked) {
      if (message?.$case === 'report') this.report = addReports(this.report, message.value);
      else if (message) yield message;
    }
  }

  private async *requests(problems: AsyncIterable<JudgedProblem>): AsyncGenerator<ApplyRuleRequest> {
    try {
      for await (const value of problems) {
        this.problemsRead += 1;
        yield { message: { $case: 'problem', value } };
      }
    } catch (thrown) {
      throw toHoneError(thrown);
    }
  }
}
