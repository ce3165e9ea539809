/** What a recipe in a folder of an operator's is given: it needs no import of Hone's. */
import { z } from 'zod';
import { conclude } from './conclude.ts';
import { defineRecipe } from './recipe.ts';
import { checkLoop } from './settings/check-loop.ts';
import { evaluation } from './settings/evaluation.ts';
import { feedback } from './settings/feedback.ts';
import { judge } from './settings/judge.ts';
import { judgedLoopKeys, loopKeys } from './settings/loop.ts';
import { asLoss, loss, lossKeys } from './settings/loss.ts';
import { newPrompts } from './settings/new-prompts.ts';
import { coefficient, positive, whole } from './settings/numbers.ts';
import { replayKeys } from './settings/replay.ts';
import { peopleRuleSettings, ruleSettings } from './settings/rule.ts';
import { sampleKeys, sampling } from './settings/sampling.ts';
import { schedule, settingsAt } from './settings/schedule.ts';
import { select } from './settings/select.ts';
import { advantageTraining, exampleTraining, preferenceTraining } from './settings/training.ts';
import { warmUp } from './warm-up.ts';

export const RECIPE_KIT = {
  z,
  defineRecipe,
  /** Parts of a loop that recipes share. */
  warmUp,
  conclude,
  settingsAt,
  checkLoop,
  /** Keys that recipes share, with their defaults, ranges and descriptions. */
  loopKeys,
  judgedLoopKeys,
  sampleKeys,
  sampling,
  evaluation,
  feedback,
  select,
  schedule,
  loss,
  lossKeys,
  asLoss,
  preferenceTraining,
  advantageTraining,
  exampleTraining,
  ruleSettings,
  peopleRuleSettings,
  replayKeys,
  judge,
  newPrompts,
  /** Kinds of numbers. */
  whole,
  coefficient,
  positive,
} as const;
