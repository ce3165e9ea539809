import { z } from 'zod';
import { conclude } from '../conclude.ts';
import { advantagePresets } from '../presets/iterated.ts';
import { defineRecipe } from '../recipe.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { withInitial } from '../settings/initial.ts';
import { judgedLoopKeys } from '../settings/loop.ts';
import { ruleSettings } from '../settings/rule.ts';
import { sampling, samplesPerProblem } from '../settings/sampling.ts';
import { advantageTrainingWith } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

/** Its own: 64 samples of a problem, learning rate 1e-6, batches of 1024 samples. Log-probs in the loss are at temperature 1. */
const SAMPLES = 64;
const SAMPLING = { temperature: 1 };
const TRAINING = { learning_rate: 1e-6, batch_size: 1024 };

export const grpo = defineRecipe({
  name: 'grpo',
  version: 1,
  summary:
    'Group relative policy optimization: samples of M_t against the others of their problem, clipped, from M_t to M_t+1.',
  paper: 'DeepSeekMath, arXiv 2402.03300, section 4.1 (algorithm 1), settings of section 4.2',
  settings: z.strictObject({
    ...judgedLoopKeys,
    samples_per_problem: samplesPerProblem(2, SAMPLES),
    sampling: withInitial(sampling, SAMPLING).prefault({}).describe('How completions are drawn.'),
    advantages: ruleSettings('group-advantages', 'advantages')
      .prefault({})
      .describe('How samples get their advantages.'),
    training: advantageTrainingWith(TRAINING)
      .prefault({})
      .describe('How M_t+1 is trained from M_t, which is the old policy; the reference is M_0.'),
  }),
  presets: advantagePresets('grpo'),
  check: checkLoop,
  async run(loop, settings) {
    const first = await warmUp(loop.iteration(0), loop.base, settings);
    let model = first;
    let goOn = await conclude(loop.iteration(0), model, settings);
    for (let t = 1; t <= settings.iterations && goOn; t++) {
      const step = loop.iteration(t, settings.iterations);
      const judged = await step.score(await step.sample(model, settings));
      const dataset = await step.build(judged, settings.advantages);
      model = await step.train({ start: model, reference: first, dataset, training: settings.training });
      goOn = await conclude(step, model, settings);
    }
  },
});
