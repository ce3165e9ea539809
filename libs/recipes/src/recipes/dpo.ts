import { z } from 'zod';
import { conclude } from '../conclude.ts';
import {
  arithmeticPreset,
  ARITHMETIC_PAIRS,
  ARITHMETIC_PAIR_TRAINING,
  ARITHMETIC_SAMPLES,
} from '../presets/arithmetic.ts';
import { pairedAs, paperPresets, preferenceTrainedAs, sampledAs } from '../presets/paper.ts';
import { defineRecipe } from '../recipe.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { onceKeys } from '../settings/loop.ts';
import { ruleSettings } from '../settings/rule.ts';
import { preferenceTrainingWith } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

export const dpo = defineRecipe({
  name: 'dpo',
  version: 1,
  summary: 'Direct preference optimization, once: pairs of what M_0 samples, no NLL, from M_0 and against it.',
  paper:
    'arXiv 2305.18290, equation 7; as the baseline "DPO init from M_0" of arXiv 2404.19733, section 3 (tables 1 and 2)',
  settings: z.strictObject({
    ...onceKeys,
    pairs: ruleSettings('cycle', 'pairs').prefault({}).describe('How samples become preference pairs.'),
    training: preferenceTrainingWith({ nll_alpha: 0 }).prefault({}).describe('How M_1 is trained from M_0.'),
  }),
  presets: [
    ...paperPresets('dpo', (task) => ({
      ...sampledAs(task),
      ...pairedAs(task),
      training: preferenceTrainedAs(task, 0),
    })),
    arithmeticPreset({ ...ARITHMETIC_SAMPLES, ...ARITHMETIC_PAIRS, training: ARITHMETIC_PAIR_TRAINING }),
  ],
  check: checkLoop,
  async run(loop, settings) {
    const first = await warmUp(loop.iteration(0), loop.base, settings);
    if (!(await conclude(loop.iteration(0), first, settings))) return;
    const step = loop.iteration(1, 1);
    const judged = await step.score(await step.sample(first, settings));
    const dataset = await step.build(judged, settings.pairs);
    const model = await step.train({ start: first, reference: first, dataset, training: settings.training });
    await conclude(step, model, settings);
  },
});
