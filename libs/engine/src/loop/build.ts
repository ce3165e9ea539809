import { nameOfDigest, type BuildResult, type RunSpec, type StepKind } from '@hone/contracts';
import { judgedProblems, type JudgedRows } from '@hone/datasets';
import { invalidArgument } from '@hone/errors';
import { comparisonsOf, ownSettingsOf, verdictsOf, type RuleSettings, type Samples } from '@hone/recipes';
import type { StepOutcome } from '../ledger/steps.ts';
import type { BuildJob } from '../ports/services.ts';
import { callService } from './call-service.ts';
import { nothingToTrainOn, wrongExamples } from './no-pairs.ts';
import { problemSetOf } from './problem-draw.ts';
import { seedOfStep } from './seeds.ts';
import { UsageSum, type StepContext } from './step-context.ts';

/** Has a training set built by a dataset rule, which reads what was sampled and judged from the store. */
export async function build(
  context: StepContext<StepKind.BUILD>,
  from: readonly Samples[],
  settings: RuleSettings,
): Promise<StepOutcome<StepKind.BUILD>> {
  const { spec, key, services, signal, policy, progress, store } = context;
  const usage = new UsageSum();
  const { rule, address, most_in_all: most } = settings;
  const sources = from.map((samples) => ({
    completions: samples.completions,
    verdicts: verdictsOf(samples),
    comparisons: comparisonsOf(samples),
  }));
  const seed = seedOfStep(spec.seed, key, 'pairs');
  const own = ownSettingsOf(settings);
  const job = { rule, address, settings: own, seed, problemSet: problemSetOfAll(spec, from), sources, most };
  const onProblems = (done: number, total: number): void =>
    progress({ done: BigInt(done), total: BigInt(total), unit: 'problems' });
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
      sources[0]?.verdicts ? await wrongExamples(judgedProblems(store, digestsOf(sources[0]))) : [],
    );
  const result: BuildResult = { dataset: nameOfDigest('datasets', rows.digest), report };
  return { result, usage: usage.total(), artifacts: { [rows.kind]: rows } };
}

/** A dataset is of one set of problems. */
function problemSetOfAll(spec: RunSpec, from: readonly Samples[]): string {
  const [first = problemSetOf(spec), ...others] = new Set(from.map((samples) => problemSetOf(spec, samples)));
  if (others.length > 0)
    throw invalidArgument('recipe', 'must not build one dataset of samples of several sets of problems');
  return nameOfDigest('problemSets', first);
}

const digestsOf = ({ completions, verdicts }: BuildJob['sources'][number]): JudgedRows => ({
  completions: completions.digest,
  verdicts: verdicts?.digest,
});
