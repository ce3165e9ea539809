import { z } from 'zod';
import { conclude } from '../conclude.ts';
import { pairPresets } from '../presets/iterated.ts';
import { defineRecipe } from '../recipe.ts';
import type { Judged } from '../rows.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { judgedLoopKeys } from '../settings/loop.ts';
import { replayKeys } from '../settings/replay.ts';
import { ruleSettings } from '../settings/rule.ts';
import { schedule, settingsAt } from '../settings/schedule.ts';
import { preferenceTraining } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

export const irpo = defineRecipe({
  name: 'irpo',
  version: 1,
  summary:
    'Iterative reasoning preference optimization: right chains over wrong ones, DPO + alpha NLL, from M_t to M_t+1.',
  paper: 'arXiv 2404.19733',
  settings: z.strictObject({
    ...judgedLoopKeys,
    ...replayKeys,
    pairs: ruleSettings('cycle', 'pairs').prefault({}).describe('How samples become preference pairs.'),
    training: preferenceTraining.prefault({}).describe('How M_t+1 is trained from M_t, which is also the reference.'),
    schedule: schedule.default([]).describe('Settings that change from an iteration on.'),
  }),
  presets: pairPresets('irpo', 1),
  check: checkLoop,
  async run(loop, settings) {
    let model = await warmUp(loop.iteration(0), loop.base, settings);
    let goOn = await conclude(loop.iteration(0), model, settings);
    let judged: Judged[] = [];
    for (let t = 1; t <= settings.iterations && goOn; t++) {
      const step = loop.iteration(t, settings.iterations);
      const now = settingsAt(settings, t);
      const samples = await step.sample(model, now);
      judged = [await step.score(samples), ...judged].slice(0, 1 + settings.replay);
      const pairs = await step.build(judged, now.pairs);
      model = await step.train({ start: model, reference: model, dataset: pairs, training: now.training });
      goOn = await conclude(step, model, now);
    }
  },
});
