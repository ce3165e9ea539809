import { z } from 'zod';
import { conclude } from '../conclude.ts';
import { arithmeticPreset, ARITHMETIC_PAIR_TRAINING } from '../presets/arithmetic.ts';
import { paperPresets } from '../presets/paper.ts';
import { defineRecipe } from '../recipe.ts';
import type { Samples } from '../rows.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { loopKeys } from '../settings/loop.ts';
import { replayKeysWith } from '../settings/replay.ts';
import { ruleSettings } from '../settings/rule.ts';
import { samplesPerProblem } from '../settings/sampling.ts';
import { preferenceTrainingWith } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

/** Its own, but for the optimizer, which was RMSProp. */
const TRAINING = { nll_alpha: 0, learning_rate: 5e-7, batch_size: 64, epochs: 2, schedule: 'linear' } as const;

export const spin = defineRecipe({
  name: 'spin',
  version: 1,
  summary: 'Self-play fine-tuning: the worked solution over what M_t says itself, right or wrong; no scorer is asked.',
  paper: 'SPIN, arXiv 2401.01335, section 4 (algorithm 1, equation 4.7), settings of section 6 and appendix B',
  settings: z.strictObject({
    ...loopKeys,
    // Samples of the iteration before are trained on beside the new ones.
    ...replayKeysWith(1),
    samples_per_problem: samplesPerProblem(1, 1),
    pairs: ruleSettings('spin', 'pairs').prefault({}).describe('How solutions and samples become preference pairs.'),
    training: preferenceTrainingWith(TRAINING)
      .prefault({})
      .describe('How M_t+1 is trained from M_t, which is also the reference.'),
  }),
  presets: [
    ...paperPresets(
      'spin',
      (task) => ({
        iterations: task.iterations,
        sampling: { max_tokens: 512 },
        training: { max_steps: task.steps },
      }),
      { solutions: true },
    ),
    arithmeticPreset({ iterations: 4, sampling: { max_tokens: 48 }, training: ARITHMETIC_PAIR_TRAINING }),
  ],
  // A pair is of a sample and a solution, so that N samples make N pairs.
  check: ({ pairs: _, ...settings }) => checkLoop(settings),
  async run(loop, settings) {
    let model = await warmUp(loop.iteration(0), loop.base, settings);
    let goOn = await conclude(loop.iteration(0), model, settings);
    let samples: Samples[] = [];
    for (let t = 1; t <= settings.iterations && goOn; t++) {
      const step = loop.iteration(t, settings.iterations);
      samples = [await step.sample(model, settings), ...samples].slice(0, 1 + settings.replay);
      const dataset = await step.build(samples, settings.pairs);
      model = await step.train({ start: model, reference: model, dataset, training: settings.training });
      goOn = await conclude(step, model, settings);
    }
  },
});
