import {
  BuildDatasetRequest,
  digestOfName,
  messageOf,
  RuleReport,
  type BuiltDataset,
  type RowsRef,
} from '@hone/contracts';
import { judgedProblems, ROWS_VERSION, type RowsKind } from '@hone/datasets';
import { internal } from '@hone/errors';
import { callServerStream } from '@hone/rpc';
import type { StepOutcome } from '../database/phases.ts';
import { ruleRefOf } from '../rule-ref.ts';
import { seedOf } from '../seeds.ts';
import { callService } from './call-service.ts';
import { noPairs, wrongExamples } from './no-pairs.ts';
import { UsageSum, type StepContext } from './step-context.ts';

/** What the pair phase gives. */
export interface PairResult {
  /** RuleReport, as JSON. */
  readonly report: unknown;
  /** "datasets/{sha256}". */
  readonly dataset: string;
}

/** What the pair phase is of. */
export interface JudgedSamples {
  readonly completions: string;
  readonly verdicts: string;
  readonly problems: number;
}

/** Has the next training set built of what the store holds. */
export async function pairPhase(context: StepContext, judged: JudgedSamples): Promise<StepOutcome<PairResult>> {
  const usage = new UsageSum();
  const build = () => buildDataset(context, judged);
  const { report, dataset, usage: used } = await callService(context, 'pairBuilder', context.signal, build);
  if (!report) throw internal('the pair-builder ended without a report');
  if (!dataset) throw noPairs(report, await wrongExamples(judgedProblems(context.store, judgedRows(judged))));
  usage.add(used);
  const artifacts = { pairs: digestOfName('datasets', dataset.name, 'dataset') };
  return { result: { report: RuleReport.toJSON(report), dataset: dataset.name }, usage: usage.total(), artifacts };
}

const judgedRows = ({ completions, verdicts }: JudgedSamples) => ({ completions, verdicts });

async function buildDataset(
  { spec, iteration, peers, signal, policy, progress }: StepContext,
  judged: JudgedSamples,
): Promise<BuiltDataset> {
  const problems = digestOfName('problemSets', spec.trainProblemSet, 'spec.train_problem_set');
  const request = messageOf(BuildDatasetRequest, {
    rule: ruleRefOf(spec.pairs!),
    seed: seedOf(spec.seed, iteration, 'pairs'),
    completions: rowsRef('completions', judged.completions, judged.problems),
    verdicts: rowsRef('verdicts', judged.verdicts),
    problems: rowsRef('problems', problems),
  });
  const { timeoutMs } = policy;
  let result: BuiltDataset | undefined;
  for await (const { message } of callServerStream(peers.pairBuilder, 'buildDataset', request, { signal, timeoutMs })) {
    if (message?.$case === 'progress') progress({ ...message.value, unit: 'problems' });
    if (message?.$case === 'result') result = message.value;
  }
  if (!result) throw internal('the pair-builder ended without its result');
  return result;
}

const rowsRef = (kind: RowsKind, digest: string, count = 0): RowsRef => ({
  kind,
  version: ROWS_VERSION,
  digest,
  count,
});
