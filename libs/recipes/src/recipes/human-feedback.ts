import { z } from 'zod';
import { conclude } from '../conclude.ts';
import { arithmeticPreset, ARITHMETIC_PAIR_TRAINING, ARITHMETIC_SAMPLES } from '../presets/arithmetic.ts';
import { defineRecipe } from '../recipe.ts';
import type { Compared } from '../rows.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { feedback } from '../settings/feedback.ts';
import { loopKeys } from '../settings/loop.ts';
import { replayKeys } from '../settings/replay.ts';
import { peopleRuleSettings } from '../settings/rule.ts';
import { samplesPerProblem } from '../settings/sampling.ts';
import { preferenceTrainingWith } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

export const humanFeedback = defineRecipe({
  name: 'human-feedback',
  version: 1,
  summary: 'People choose between two completions of M_t; DPO on what most of them prefer, from M_t and against it.',
  paper:
    'Deep RL from Human Preferences, arXiv 1706.03741, section 2.2 (how people are asked); DPO, arXiv 2305.18290, section 4',
  settings: z.strictObject({
    ...loopKeys,
    ...replayKeys,
    samples_per_problem: samplesPerProblem(2, 2),
    feedback: feedback.prefault({}).describe('What people are asked of the samples, and how many of them.'),
    pairs: peopleRuleSettings('majority', 'pairs')
      .prefault({})
      .describe('How what people said becomes preference pairs.'),
    training: preferenceTrainingWith({ nll_alpha: 0 })
      .prefault({})
      .describe('How M_t+1 is trained from M_t, which is also the reference.'),
  }),
  presets: [
    {
      name: 'human-feedback-dpo',
      summary: "Two samples a problem and one judgement of each pair, with DPO's own beta, batch and learning rate.",
      // arXiv 2305.18290, section 4 and appendix B; the optimizer there is RMSProp.
      settings: {
        samples_per_problem: 2,
        sampling: { temperature: 1 },
        training: { preference: 'sigmoid', beta: 0.1, batch_size: 64, learning_rate: 1e-6, warmup_steps: 150 },
      },
    },
    arithmeticPreset({
      iterations: 2,
      problems_per_iteration: 50,
      ...ARITHMETIC_SAMPLES,
      training: { ...ARITHMETIC_PAIR_TRAINING, nll_alpha: 1 },
    }),
  ],
  check: checkLoop,
  async run(loop, settings) {
    let model = await warmUp(loop.iteration(0), loop.base, settings);
    let goOn = await conclude(loop.iteration(0), model, settings);
    let compared: Compared[] = [];
    for (let t = 1; t <= settings.iterations && goOn; t++) {
      const step = loop.iteration(t, settings.iterations);
      const samples = await step.sample(model, settings);
      compared = [await step.feedback(samples, settings.feedback), ...compared].slice(0, 1 + settings.replay);
      const dataset = await step.build(compared, settings.pairs);
      model = await step.train({ start: model, reference: model, dataset, training: settings.training });
      goOn = await conclude(step, model, settings);
    }
  },
});
