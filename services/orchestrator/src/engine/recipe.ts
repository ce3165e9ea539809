import { PairConfig, RunSpec, SamplingParams, ScorerRef, type Checkpoint } from '@hone/contracts';
import type { StepContext } from './step-context.ts';

/** What of an iteration made a checkpoint, beside the training itself. */
export interface IterationRecipe {
  readonly scorerVersion?: string;
  readonly pairRule?: string;
  /** RuleReport, as JSON. */
  readonly pairReport?: unknown;
  readonly templateDigests?: readonly string[];
  /** Dates that chat templates wrote into prompts. */
  readonly templateDates?: readonly string[];
  /** Digests of completions, verdicts and pairs. */
  readonly artifacts?: Readonly<Record<string, string>>;
}

/** A trained checkpoint as the run registers it: with its place in the run, and all that is needed to make it again. */
export function checkpointOfRun(
  { runId, spec, iteration }: StepContext,
  trained: Checkpoint,
  { scorerVersion, ...made }: IterationRecipe,
): Checkpoint {
  const fromSamples = scorerVersion !== undefined && {
    samplesPerProblem: spec.samplesPerProblem,
    sampling: SamplingParams.toJSON(spec.sampling!),
    scorer: { ...(ScorerRef.toJSON(spec.scorer!) as object), version: scorerVersion },
    pairs: PairConfig.toJSON(spec.pairs!),
  };
  const recipe = {
    ...(JSON.parse(trained.recipeJson || '{}') as object),
    benchmark: spec.benchmark,
    runSeed: spec.seed.toString(),
    // As it is in this iteration; the run itself has the whole.
    runSpec: RunSpec.toJSON(spec),
    ...fromSamples,
    ...made,
  };
  return { ...trained, run: `runs/${runId}`, iteration, recipeJson: JSON.stringify(recipe) };
}
