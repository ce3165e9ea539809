import { nameOfDigest, type BuildResult, type StepKind } from '@hone/contracts';
import { judgedProblems } from '@hone/datasets';
import type { Judged, RuleSettings } from '@hone/recipes';
import type { StepOutcome } from '../ledger/steps.ts';
import { callService } from './call-service.ts';
import { nothingToTrainOn, wrongExamples } from './no-pairs.ts';
import { seedOfStep } from './seeds.ts';
import { UsageSum, type StepContext } from './step-context.ts';

/** Has a training set built by a dataset rule, which reads what was sampled and judged from the store. */
export async function build(
  context: StepContext<StepKind.BUILD>,
  judged: Pick<Judged, 'completions' | 'verdicts'>,
  { rule, address, makes: _, ...settings }: RuleSettings,
): Promise<StepOutcome<StepKind.BUILD>> {
  const { spec, key, services, signal, policy, progress, store } = context;
  const usage = new UsageSum();
  const { completions, verdicts } = judged;
  const seed = seedOfStep(spec.seed, key, 'pairs');
  const job = { rule, address, settings, seed, problemSet: spec.trainProblemSet, completions, verdicts };
  const onProblems = (done: number): void =>
    progress({ done: BigInt(done), total: BigInt(completions.count), unit: 'problems' });
  const { timeoutMs } = policy;
  const {
    rows,
    report,
    usage: used,
  } = await callService(context, 'pairBuilder', signal, () => services.build(job, { signal, timeoutMs, onProblems }));
  usage.add(used);
  if (!rows)
    throw nothingToTrainOn(
      report,
      await wrongExamples(judgedProblems(store, { completions: completions.digest, verdicts: verdicts.digest })),
    );
  const result: BuildResult = { dataset: nameOfDigest('datasets', rows.digest), report };
  return { result, usage: usage.total(), artifacts: { [rows.kind]: rows } };
}
