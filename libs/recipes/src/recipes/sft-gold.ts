import { z } from 'zod';
import { conclude } from '../conclude.ts';
import { arithmeticPreset, ARITHMETIC_SOLUTION_TRAINING } from '../presets/arithmetic.ts';
import { paperPresets, trainedAs } from '../presets/paper.ts';
import { defineRecipe } from '../recipe.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { modelKeys } from '../settings/loop.ts';
import { ruleSettings } from '../settings/rule.ts';
import { stop } from '../settings/sampling.ts';
import { exampleTraining } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

export const sftGold = defineRecipe({
  name: 'sft-gold',
  version: 1,
  summary: "Fine-tune M_0 once, on the problems' own worked solutions; nothing is sampled.",
  paper: 'the baseline "SFT on gold CoT examples" of arXiv 2404.19733, section 3.1 (table 1)',
  settings: z.strictObject({
    ...modelKeys,
    stop: stop
      .default([])
      .describe('Texts that end a completion where they first appear in it, when models are measured.'),
    examples: ruleSettings('gold-solutions', 'examples').prefault({}).describe('How solutions become examples.'),
    training: exampleTraining.prefault({}).describe('How M_1 is trained from M_0.'),
  }),
  presets: [
    ...paperPresets(
      'sft-gold',
      (task) => ({
        training: trainedAs(task),
      }),
      { solutions: true },
    ),
    arithmeticPreset({ training: ARITHMETIC_SOLUTION_TRAINING }),
  ],
  check: checkLoop,
  async run(loop, settings) {
    const measured = { ...settings, sampling: { stop: settings.stop } };
    const first = await warmUp(loop.iteration(0), loop.base, settings);
    if (!(await conclude(loop.iteration(0), first, measured))) return;
    const step = loop.iteration(1, 1);
    const dataset = await step.build([], settings.examples);
    const model = await step.train({ start: first, dataset, training: settings.training });
    await conclude(step, model, measured);
  },
});
