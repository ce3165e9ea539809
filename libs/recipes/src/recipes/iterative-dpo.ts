import { z } from 'zod';
import { conclude } from '../conclude.ts';
import { pairPresets } from '../presets/iterated.ts';
import { defineRecipe } from '../recipe.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { judgedLoopKeys } from '../settings/loop.ts';
import { ruleSettings } from '../settings/rule.ts';
import { schedule, settingsAt } from '../settings/schedule.ts';
import { preferenceTrainingWith } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

export const iterativeDpo = defineRecipe({
  name: 'iterative-dpo',
  version: 1,
  summary: 'DPO on new pairs of every M_t, without the NLL: what IRPO is when its alpha is 0.',
  paper: 'arXiv 2312.16682 (iterative DPO); arXiv 2404.19733, section 2, with alpha = 0',
  settings: z.strictObject({
    ...judgedLoopKeys,
    pairs: ruleSettings('cycle', 'pairs').prefault({}).describe('How samples become preference pairs.'),
    training: preferenceTrainingWith({ nll_alpha: 0 })
      .prefault({})
      .describe('How M_t+1 is trained from M_t, which is also the reference.'),
    schedule: schedule.default([]).describe('Settings that change from an iteration on.'),
  }),
  presets: pairPresets('iterative-dpo', 0),
  check: checkLoop,
  async run(loop, settings) {
    let model = await warmUp(loop.iteration(0), loop.base, settings);
    let goOn = await conclude(loop.iteration(0), model, settings);
    for (let t = 1; t <= settings.iterations && goOn; t++) {
      const step = loop.iteration(t, settings.iterations);
      const now = settingsAt(settings, t);
      const judged = await step.score(await step.sample(model, now));
      const dataset = await step.build(judged, now.pairs);
      model = await step.train({ start: model, reference: model, dataset, training: now.training });
      goOn = await conclude(step, model, now);
    }
  },
});
