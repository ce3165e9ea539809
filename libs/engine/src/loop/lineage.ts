import { RunSpec, ScorerRef, type Checkpoint } from '@hone/contracts';
import { JUDGE } from '@hone/grading/judging';
import type { JudgingModel, Provenance } from '@hone/recipes';
import type { StepContext } from './step-context.ts';

/** A trained checkpoint as the run registers it: with its place in the run, and all that is needed to make it again. */
export function checkpointOfRun(
  { runId, spec, iteration }: Pick<StepContext, 'runId' | 'spec' | 'iteration'>,
  trained: Checkpoint,
  made: Provenance,
): Checkpoint {
  const recipe = {
    ...(JSON.parse(trained.recipeJson || '{}') as object),
    method: `${spec.recipe}/${spec.recipeVersion}`,
    benchmark: spec.benchmark,
    runSeed: spec.seed.toString(),
    runSpec: RunSpec.toJSON(spec),
    ...made,
  };
  return { ...trained, run: `runs/${runId}`, iteration, recipeJson: JSON.stringify(recipe) };
}

/** The scorer with the version that judged. */
export const scorerOf = ({ scorer }: RunSpec, version: string): object => ({
  ...(ScorerRef.toJSON(scorer!) as object),
  version,
});

/** A model that judged, with what it was asked and how often. */
export const judgeOf = ({ model, settings }: JudgingModel, version: string): object => ({
  name: JUDGE.name,
  checkpoint: model.checkpoint,
  config: settings,
  version,
});
