import { z } from 'zod';
import { conclude } from '../conclude.ts';
import { samplePresets } from '../presets/iterated.ts';
import { defineRecipe } from '../recipe.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { withInitial } from '../settings/initial.ts';
import { judgedLoopKeys } from '../settings/loop.ts';
import { ruleSettingsWith } from '../settings/rule-with.ts';
import { sampling, samplesPerProblem } from '../settings/sampling.ts';
import { exampleTraining } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

/** Its own: 32 samples of a problem of MATH, top-k sampling with K = 40, and no more than 10 solutions of a problem. */
const SAMPLES = 32;
const SAMPLING = { temperature: 0.7, top_k: 40 };
const PER_PROBLEM = 10;

export const restEm = defineRecipe({
  name: 'rest-em',
  version: 1,
  summary:
    'Sample from M_t-1, keep right samples up to a cap per problem, fine-tune M_0 on them anew in every iteration.',
  paper: 'ReST-EM, arXiv 2312.06585, section 3 (algorithm 1), settings of section 5',
  settings: z.strictObject({
    ...judgedLoopKeys,
    samples_per_problem: samplesPerProblem(1, SAMPLES),
    sampling: withInitial(sampling, SAMPLING).prefault({}).describe('How completions are drawn.'),
    examples: ruleSettingsWith('right-samples', 'examples', { per_problem: PER_PROBLEM })
      .prefault({})
      .describe(`How samples become examples; examples.per_problem is ${PER_PROBLEM} where it is not said.`),
    training: exampleTraining.prefault({}).describe('How M_t is trained from M_0.'),
  }),
  presets: samplePresets('rest-em'),
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
