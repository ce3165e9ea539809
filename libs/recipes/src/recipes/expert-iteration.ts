import { z } from 'zod';
import { conclude } from '../conclude.ts';
import { samplePresets } from '../presets/iterated.ts';
import { defineRecipe } from '../recipe.ts';
import type { Judged } from '../rows.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { judgedLoopKeys } from '../settings/loop.ts';
import { replayKeys } from '../settings/replay.ts';
import { ruleSettings } from '../settings/rule.ts';
import { exampleTraining } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

export const expertIteration = defineRecipe({
  name: 'expert-iteration',
  version: 1,
  summary: 'Train on the right samples alone (NLL), from the previous model or from M_0.',
  paper: 'arXiv 1705.08439; with start m0 as in ReST-EM, arXiv 2312.06585',
  settings: z.strictObject({
    ...judgedLoopKeys,
    ...replayKeys,
    start: z.enum(['previous', 'm0']).default('previous').describe('Where every training starts: M_t-1 or M_0.'),
    examples: ruleSettings('right-samples', 'examples').prefault({}).describe('How samples become examples.'),
    training: exampleTraining.prefault({}).describe('How the model is trained on them.'),
  }),
  presets: samplePresets('expert-iteration'),
  check: checkLoop,
  async run(loop, settings) {
    const m0 = await warmUp(loop.iteration(0), loop.base, settings);
    let model = m0;
    let goOn = await conclude(loop.iteration(0), model, settings);
    let judged: Judged[] = [];
    for (let t = 1; t <= settings.iterations && goOn; t++) {
      const step = loop.iteration(t, settings.iterations);
      judged = [await step.score(await step.sample(model, settings)), ...judged].slice(0, 1 + settings.replay);
      const dataset = await step.build(judged, settings.examples);
      model = await step.train({ start: settings.start === 'm0' ? m0 : model, dataset, training: settings.training });
      goOn = await conclude(step, model, settings);
    }
  },
});
