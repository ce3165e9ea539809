import { z } from 'zod';
import { conclude } from '../conclude.ts';
import {
  arithmeticPreset,
  ARITHMETIC_PAIRS,
  ARITHMETIC_PAIR_TRAINING,
  ARITHMETIC_SAMPLE_TRAINING,
  ARITHMETIC_SAMPLES,
} from '../presets/arithmetic.ts';
import { chosenAs, pairedAs, paperPresets, preferenceTrainedAs, sampledAs, trainedAs } from '../presets/paper.ts';
import { defineRecipe } from '../recipe.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { onceKeys } from '../settings/loop.ts';
import { ruleSettings } from '../settings/rule.ts';
import { exampleTraining, preferenceTrainingWith } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

export const dpoFromSft = defineRecipe({
  name: 'dpo-from-sft',
  version: 1,
  summary:
    'Fine-tune M_0 on its own right samples first, then DPO on the pairs of the same samples, from that model and against it.',
  paper:
    'arXiv 2305.18290, section 4; as the baseline "DPO init from SFT" of arXiv 2404.19733, section 3 (tables 1 and 2)',
  settings: z.strictObject({
    ...onceKeys,
    examples: ruleSettings('right-samples', 'examples').prefault({}).describe('What is fine-tuned on first.'),
    fine_tuning: exampleTraining.prefault({}).describe('How the model is fine-tuned on it, from M_0.'),
    pairs: ruleSettings('cycle', 'pairs').prefault({}).describe('How samples become preference pairs.'),
    training: preferenceTrainingWith({ nll_alpha: 0 })
      .prefault({})
      .describe('How M_1 is trained from the fine-tuned model, which is also the reference.'),
  }),
  presets: [
    ...paperPresets('dpo-from-sft', (task) => ({
      ...sampledAs(task),
      ...chosenAs(task),
      ...pairedAs(task),
      fine_tuning: trainedAs(task),
      training: preferenceTrainedAs(task, 0),
    })),
    arithmeticPreset({
      ...ARITHMETIC_SAMPLES,
      ...ARITHMETIC_PAIRS,
      fine_tuning: ARITHMETIC_SAMPLE_TRAINING,
      training: ARITHMETIC_PAIR_TRAINING,
    }),
  ],
  check: checkLoop,
  async run(loop, settings) {
    const first = await warmUp(loop.iteration(0), loop.base, settings);
    if (!(await conclude(loop.iteration(0), first, settings))) return;
    const step = loop.iteration(1, 1);
    const judged = await step.score(await step.sample(first, settings));
    const examples = await step.build(judged, settings.examples, { name: 'build-examples' });
    const pairs = await step.build(judged, settings.pairs);
    const tuning = { start: first, dataset: examples, training: settings.fine_tuning };
    const tuned = await step.train(tuning, { name: 'fine-tune', part: 'fine-tuning on right samples' });
    const model = await step.train({ start: tuned, reference: tuned, dataset: pairs, training: settings.training });
    await conclude(step, model, settings);
  },
});
