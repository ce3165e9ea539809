/** Problems flow from the store through the rule into the store, a few at a time. */
import type { ArtifactStore } from '@hone/artifacts';
import type { ApplyRuleRequest, Dataset, JudgedProblem, RuleReport } from '@hone/contracts';
import {
  badRule,
  checkedAnswers,
  judgedProblems,
  KeptRecords,
  replayed,
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
  private readonly work: Work;

  constructor(work: Work) {
    this.work = work;
  }

  async run(): Promise<Built> {
    const { store, rule, signal } = this.work;
    const kept = new KeptRecords(() => this.records(), this.work);
    const dataset = await storeDataset(store, kept.records(), { signal });
    if (!this.report) throw badRule(rule.rule.name, 'ends without a report');
    return { dataset, report: kept.reported(this.report) };
  }

  /** What the rule makes of each source, one after the other. */
  private async *records(): AsyncGenerator<TrainingRecord> {
    this.report = undefined;
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
