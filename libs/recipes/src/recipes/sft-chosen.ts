import { z } from 'zod';
import { conclude } from '../conclude.ts';
import { arithmeticPreset, ARITHMETIC_SAMPLE_TRAINING, ARITHMETIC_SAMPLES } from '../presets/arithmetic.ts';
import { chosenAs, paperPresets, sampledAs, trainedAs } from '../presets/paper.ts';
import { defineRecipe } from '../recipe.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { onceKeys } from '../settings/loop.ts';
import { ruleSettingsWith } from '../settings/rule-with.ts';
import { exampleTraining } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

/** The paper's K for GSM8K. */
const PER_PROBLEM = 10;

export const sftChosen = defineRecipe({
  name: 'sft-chosen',
  version: 1,
  summary: 'Fine-tune M_0 once, on what it sampled right: the chosen sequences of the first iteration alone.',
  paper: 'the baseline "SFT on chosen" of arXiv 2404.19733, section 3 (tables 1 and 2, figure 2)',
  settings: z.strictObject({
    ...onceKeys,
    examples: ruleSettingsWith('right-samples', 'examples', { per_problem: PER_PROBLEM })
      .prefault({})
      .describe(`How samples become examples; examples.per_problem is ${PER_PROBLEM} where it is not said.`),
    training: exampleTraining.prefault({}).describe('How M_1 is trained from M_0.'),
  }),
  presets: [
    ...paperPresets('sft-chosen', (task) => ({
      ...sampledAs(task),
      ...chosenAs(task),
      training: trainedAs(task),
    })),
    arithmeticPreset({ ...ARITHMETIC_SAMPLES, training: ARITHMETIC_SAMPLE_TRAINING }),
  ],
  check: checkLoop,
  async run(loop, settings) {
    const first = await warmUp(loop.iteration(0), loop.base, settings);
    if (!(await conclude(loop.iteration(0), first, settings))) return;
    const step = loop.iteration(1, 1);
    const judged = await step.score(await step.sample(first, settings));
    const dataset = await step.build(judged, settings.examples);
    const model = await step.train({ start: first, dataset, training: settings.training });
    await conclude(step, model, settings);
  },
});
