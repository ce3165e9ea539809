import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactStore } from '@hone/artifacts';
import {
  RuleReport,
  type ApplyRuleRequest,
  type BuildDatasetRequest,
  type BuildDatasetResponse,
  type Dataset,
  type JudgedProblem,
  type RowsRef,
} from '@hone/contracts';
import {
  badRule,
  checkedAnswers,
  judgedProblems,
  requireRows,
  storeDataset,
  type JudgedRows,
  type TrainingRecord,
} from '@hone/datasets';
import { invalidArgument, toHoneError } from '@hone/errors';
import type { RowsKind } from '@hone/recipes';
import { measureUsage, type CallContext, type Reach } from '@hone/rpc';
import { openRule, type OpenRule } from './open-rule.ts';

/** What building datasets needs. */
export interface BuildOptions {
  readonly store: ArtifactStore;
  readonly reach: Reach;
}

const PROGRESS_MS = 250;

/** The RPC that makes a dataset of stored rows by a rule. */
export function buildDatasetWith({ store, reach }: BuildOptions) {
  return async function* (
    request: BuildDatasetRequest,
    { signal: ending }: CallContext,
  ): AsyncGenerator<BuildDatasetResponse, void, undefined> {
    const usage = measureUsage();
    const stop = new AbortController();
    const signal = AbortSignal.any([ending, stop.signal]);
    const rule = await openRule(request.rule, reach, signal);
    try {
      const rows = await requireInputs(store, request, rule);
      const building = new Building({ store, rule, rows, seed: request.seed, signal });
      const built = building.run();
      try {
        const total = BigInt((request.completions ?? request.problems)?.count ?? 0);
        for await (const done of progressOf(building, built)) yield progressMessage(done, total);
        const { dataset, report } = await built;
        yield { message: { $case: 'result', value: { dataset, report, usage: usage() } } };
      } finally {
        stop.abort();
        await built.catch(() => undefined);
      }
    } finally {
      rule.close();
    }
  };
}

const progressMessage = (done: number, total: bigint): BuildDatasetResponse => ({
  message: { $case: 'progress', value: { done: BigInt(done), total } },
});

/** Numbers of problems read, from time to time until the work ends, well or not. */
async function* progressOf(building: Building, built: Promise<unknown>): AsyncGenerator<number> {
  const ended = built.then(
    () => true,
    () => true,
  );
  let told = 0;
  for (let over = false; !over;) {
    over = await Promise.race([ended, sleep(PROGRESS_MS, false, { ref: false })]);
    if (building.problemsRead > told) yield (told = building.problemsRead);
  }
}

/** The rows that a rule is applied to: all that it needs, and none that it cannot be given. */
async function requireInputs(
  store: ArtifactStore,
  { completions, verdicts, problems }: BuildDatasetRequest,
  { rule: { name, needs } }: OpenRule,
): Promise<JudgedRows> {
  const judged = needs?.verdicts ? `must be set: the rule ${name} needs judged completions` : undefined;
  if (judged && !completions) throw invalidArgument('completions', judged);
  if (judged && !verdicts) throw invalidArgument('verdicts', judged);
  if (verdicts && !completions) throw invalidArgument('completions', 'must be set where verdicts are');
  if (!problems && (needs?.solutions || !completions))
    throw invalidArgument(
      'problems',
      `must be set: the rule ${name} ${needs?.solutions ? 'needs solutions' : 'has no others'}`,
    );
  const digestOf = async (ref: RowsRef | undefined, kind: RowsKind): Promise<string | undefined> =>
    ref && (await requireRows(store, ref, kind, kind));
  return {
    completions: await digestOf(completions, 'completions'),
    verdicts: await digestOf(verdicts, 'verdicts'),
    problems: await digestOf(problems, 'problems'),
  };
}

interface Work {
  readonly store: ArtifactStore;
  readonly rule: OpenRule;
  readonly rows: JudgedRows;
  readonly seed: bigint;
  readonly signal: AbortSignal;
}

/** Problems flow from the store through the rule into the store, a few at a time. */
class Building {
  problemsRead = 0;
  private report: RuleReport | undefined;
  private readonly work: Work;

  constructor(work: Work) {
    this.work = work;
  }

  async run(): Promise<{ readonly dataset: Dataset | undefined; readonly report: RuleReport }> {
    const { store, rule, signal } = this.work;
    const dataset = await storeDataset(store, this.records(), { signal });
    if (!this.report) throw badRule(rule.rule.name, 'ends without a report');
    return { dataset, report: this.report };
  }

  private async *records(): AsyncGenerator<TrainingRecord> {
    const { store, rule, rows, seed, signal } = this.work;
    const answers = rule.apply(this.requests(judgedProblems(store, rows)), seed, signal);
    const sent = (): number => this.problemsRead;
    const checked = rule.isOwn ? answers : checkedAnswers(rule.rule, answers, judgedProblems(store, rows), sent);
    for await (const { message } of checked) {
      if (message?.$case === 'report') this.report = message.value;
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
