/** Methods: each a file of its own over the durable steps of a loop. */
import { notFound } from '@hone/errors';
import * as found from './generated/recipes.ts';
import type { Recipe } from './recipe.ts';

export { conclude, type ConcludeSettings } from './conclude.ts';
export { RECIPE_KIT, type RecipeKit } from './kit.ts';
export { withRecipesOf } from './load-recipes.ts';
export type { EvaluateJob, Loop, Named, Steps, TrainJob } from './loop.ts';
export { defineRecipe, schemaOf, settingsOf, soundSettings, violationsOf, type Recipe } from './recipe.ts';
export type { Choice, Dataset, Judged, Measured, Model, Provenance, RowsKind, RowsRef, Samples } from './rows.ts';
export { mostPairs } from './settings/check-loop.ts';
export { evaluation, type EvaluationSettings } from './settings/evaluation.ts';
export { asLoss, loss, lossKeys, REDUCTIONS, type LossSettings } from './settings/loss.ts';
export { ruleSettings, type RuleSettings } from './settings/rule.ts';
export { sampling, type SampleSettings, type SamplingSettings } from './settings/sampling.ts';
export { settingsAt, type Schedule } from './settings/schedule.ts';
export { select, type SelectSettings } from './settings/select.ts';
export { exampleTraining, lora, preferenceTraining } from './settings/training.ts';
export type { ExampleTraining, PreferenceTraining, TrainingSettings } from './settings/training.ts';
export { specViolations } from './spec/check-spec.ts';
export {
  envelope,
  fileEnvelopeKeys,
  fileKeyOf,
  RESERVED_KEYS,
  STEP_KINDS,
  UPLOAD_KEYS,
  type Envelope,
  type GivenEnvelope,
} from './spec/envelope.ts';
export { viewOf, type LoopView } from './spec/loop-view.ts';
export { rulesIn, type RulePlace } from './spec/rules-in.ts';
export { COMBINATION_RULES, scorerEntry, scorerShapes, type ScorerEntry, type SingleScorer } from './spec/scorer.ts';
export { checkTokenLimits, withTokenLimits } from './spec/token-limits.ts';
export { warmUp } from './warm-up.ts';
export type { WarmUpStage } from './settings/warm-up.ts';

const DEFAULT = 'irpo';

/** What comes with Hone: every file in recipes/, by name; the first is the default. */
export const RECIPES = (Object.values(found) as unknown as readonly Recipe[]).toSorted(
  (left, right) => rank(left) - rank(right) || left.name.localeCompare(right.name),
);

function rank({ name }: Recipe): number {
  return name === DEFAULT ? 0 : 1;
}

/** A recipe by its name; empty means the default. */
export function findRecipe(name: string, recipes: readonly Recipe[] = RECIPES): Recipe {
  const found = name === '' ? recipes[0] : recipes.find((recipe) => recipe.name === name);
  if (!found) throw notFound(`recipes/${name}`, `there are ${recipes.map((recipe) => recipe.name).join(', ')}`);
  return found;
}
