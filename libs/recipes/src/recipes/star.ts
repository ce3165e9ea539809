import { z } from 'zod';
import { conclude } from '../conclude.ts';
import { arithmeticPreset, ARITHMETIC_SAMPLE_TRAINING, ARITHMETIC_SAMPLES } from '../presets/arithmetic.ts';
import { paperPresets, sampledAs, trainedAs } from '../presets/paper.ts';
import { defineRecipe } from '../recipe.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { loopKeys } from '../settings/loop.ts';
import { ruleSettings } from '../settings/rule.ts';
import { samplesPerProblem } from '../settings/sampling.ts';
import { exampleTraining } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

export const star = defineRecipe({
  name: 'star',
  version: 1,
  summary: 'Self-taught reasoner: fine-tune M_0 on what the latest model sampled right, from M_0 in every iteration.',
  paper: 'STaR, arXiv 2203.14465, section 3.1 (algorithm 1); samples as the baseline of arXiv 2404.19733, table 1',
  settings: z.strictObject({
    ...loopKeys,
    samples_per_problem: samplesPerProblem(1, 30),
    examples: ruleSettings('right-samples', 'examples').prefault({}).describe('How samples become examples.'),
    training: exampleTraining.prefault({}).describe('How M_t is trained from M_0.'),
  }),
  presets: [
    ...paperPresets('star', (task) => ({
      iterations: task.iterations,
      ...sampledAs(task),
      training: trainedAs(task),
    })),
    arithmeticPreset({ iterations: 4, ...ARITHMETIC_SAMPLES, training: ARITHMETIC_SAMPLE_TRAINING }),
  ],
  check: checkLoop,
  async run(loop, settings) {
    const first = await warmUp(loop.iteration(0), loop.base, settings);
    let model = first;
    let goOn = await conclude(loop.iteration(0), model, settings);
    for (let t = 1; t <= settings.iterations && goOn; t++) {
      const step = loop.iteration(t, settings.iterations);
      const judged = await step.score(await step.sample(model, settings));
      const dataset = await step.build(judged, settings.examples);
      model = await step.train({ start: first, dataset, training: settings.training });
      goOn = await conclude(step, model, settings);
    }
  },
});
