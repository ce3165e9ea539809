/** Methods: each a file of its own over the durable steps of a loop. */
import { notFound } from '@hone/errors';
import { registered } from '@hone/settings';
import * as found from './generated/recipes.ts';
import type { Recipe } from './recipe.ts';

export { RECIPE_KIT } from './kit.ts';
export { withRecipesOf } from './load-recipes.ts';
export type {
  EvaluateJob,
  Hinted,
  JudgingModel,
  Loop,
  Named,
  SampleNamed,
  ScoreNamed,
  Steps,
  TrainJob,
  WriteJob,
} from './loop.ts';
export { presetViolations, withPreset, type Preset } from './preset.ts';
export { schemaOf, settingsOf, soundSettings, violationsOf, type Recipe } from './recipe.ts';
export { comparisonsOf, verdictsOf } from './rows.ts';
export type {
  Choice,
  Compared,
  Dataset,
  Judged,
  Measured,
  Model,
  Problems,
  Provenance,
  RowsKind,
  RowsRef,
  Samples,
} from './rows.ts';
export type { CurriculumSettings, Treatment } from './settings/curriculum.ts';
export type { EvaluationSettings } from './settings/evaluation.ts';
export type { FeedbackSettings } from './settings/feedback.ts';
export type { JudgeSettings } from './settings/judge.ts';
export { loss, type LossSettings } from './settings/loss.ts';
export type { NewPromptSettings } from './settings/new-prompts.ts';
export { ownSettingsOf, type RuleSettings } from './settings/rule.ts';
export { checkScheduledPairs } from './settings/schedule.ts';
export type { SampleSettings, SamplingSettings } from './settings/sampling.ts';
export type { SelectSettings } from './settings/select.ts';
export { lora, preferenceTraining } from './settings/training.ts';
export type { AdvantageTraining, PreferenceTraining, TrainingSettings } from './settings/training.ts';
export { specViolations } from './spec/check-spec.ts';
export { envelope, fileEnvelopeKeys, fileKeyOf, RESERVED_KEYS, UPLOAD_KEYS } from './spec/envelope.ts';
export { viewOf, type LoopView } from './spec/loop-view.ts';
export { rulesIn } from './spec/rules-in.ts';
export { serverShape, type ServerEntry } from './spec/server.ts';
export { scorerEntry, scorerShapes, type ScorerEntry, type SingleScorer } from './spec/scorer.ts';
export { checkTokenLimits, withTokenLimits } from './spec/token-limits.ts';

/** What comes with Hone: every file in recipes/, by name; the first is the default. */
export const RECIPES = registered<Recipe>(found, 'irpo');

/** A recipe by its name; empty means the default. */
export function findRecipe(name: string, recipes: readonly Recipe[] = RECIPES): Recipe {
  const found = name === '' ? recipes[0] : recipes.find((recipe) => recipe.name === name);
  if (!found) throw notFound(`recipes/${name}`, `there are ${recipes.map((recipe) => recipe.name).join(', ')}`);
  return found;
}
