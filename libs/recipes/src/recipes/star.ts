import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { conclude } from '../conclude.ts';
import { samplePresets } from '../presets/iterated.ts';
import { defineRecipe } from '../recipe.ts';
import type { Steps } from '../loop.ts';
import type { Judged, Model } from '../rows.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { judgedLoopKeys } from '../settings/loop.ts';
import { ruleSettings } from '../settings/rule.ts';
import { samplesPerProblem, type SampleSettings } from '../settings/sampling.ts';
import { exampleTraining } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

const rationalisation = z.strictObject({
  hint: z
    .string()
    .min(1)
    .max(LIMITS.stopTextChars)
    .includes('{answer}', 'must have {answer} in it')
    .default('Hint: the final answer is {answer}.\n\n')
    .describe(
      'Stands in front of the prompt, or of the last turn of a chat; {answer} in it is the gold answer. It is not trained on.',
    ),
});

export const star = defineRecipe({
  name: 'star',
  version: 1,
  summary: 'Self-taught reasoner: fine-tune M_0 on what the latest model sampled right, from M_0 in every iteration.',
  paper:
    'STaR, arXiv 2203.14465, section 3 (algorithm 1; rationalisation: 3.2); samples as the baseline of arXiv 2404.19733, table 1',
  settings: z.strictObject({
    ...judgedLoopKeys,
    samples_per_problem: samplesPerProblem(1, 30),
    rationalisation: rationalisation
      .optional()
      .describe('Sample problems without a right sample again, with their answer as a hint; absent means not.'),
    examples: ruleSettings('right-samples', 'examples').prefault({}).describe('How samples become examples.'),
    training: exampleTraining.prefault({}).describe('How M_t is trained from M_0.'),
  }),
  presets: samplePresets('star'),
  check: checkLoop,
  async run(loop, settings) {
    const first = await warmUp(loop.iteration(0), loop.base, settings);
    let model = first;
    let goOn = await conclude(loop.iteration(0), model, settings);
    for (let t = 1; t <= settings.iterations && goOn; t++) {
      const step = loop.iteration(t, settings.iterations);
      const judged = await step.score(await step.sample(model, settings));
      const { rationalisation: asked } = settings;
      const told = asked ? await rationalised(step, model, { ...settings, ...asked, judged }) : [];
      const dataset = await step.build([judged, ...told], settings.examples);
      model = await step.train({ start: first, dataset, training: settings.training });
      goOn = await conclude(step, model, settings);
    }
  },
});

/** What the model says where it failed before, but is told the answer; nothing where it failed nowhere. */
async function rationalised(
  step: Steps,
  model: Model,
  { judged, hint, ...settings }: SampleSettings & { readonly judged: Judged; readonly hint: string },
): Promise<Judged[]> {
  const part = 'with the answer as a hint';
  const hinted = { samples: judged, hint };
  const drawn = await step.sample(model, settings, { name: 'rationalise', part, hinted });
  return drawn.samples === 0 ? [] : [await step.score(drawn, { name: 'score-rationalised', part })];
}
