import { z } from 'zod';
import { conclude } from '../conclude.ts';
import { selfRewardingPresets } from '../presets/self-rewarding.ts';
import { defineRecipe } from '../recipe.ts';
import { checkLoop } from '../settings/check-loop.ts';
import { withInitial } from '../settings/initial.ts';
import { judge } from '../settings/judge.ts';
import { loopKeys } from '../settings/loop.ts';
import { newPrompts } from '../settings/new-prompts.ts';
import { ruleSettings } from '../settings/rule.ts';
import { sampling, samplesPerProblem } from '../settings/sampling.ts';
import { schedule, settingsAt } from '../settings/schedule.ts';
import { preferenceTrainingWith } from '../settings/training.ts';
import { warmUp } from '../warm-up.ts';

/** Its own, but for the fall of the learning rate, which ended at a tenth of the peak. */
const SAMPLES = 4;
const SAMPLING = { temperature: 0.7, top_p: 0.9 };
const TRAINING = { nll_alpha: 0, learning_rate: 1e-6, schedule: 'linear' } as const;

export const selfRewarding = defineRecipe({
  name: 'self-rewarding',
  version: 1,
  summary:
    'M_t judges its own samples by points, and may write new problems; DPO on its best over its worst. No gold answer is asked for.',
  paper: 'Self-Rewarding Language Models, arXiv 2401.10020, sections 2.2 to 2.4, settings of section 3.1',
  settings: z.strictObject({
    ...loopKeys,
    samples_per_problem: samplesPerProblem(2, SAMPLES),
    sampling: withInitial(sampling, SAMPLING).prefault({}).describe('How completions are drawn.'),
    new_prompts: newPrompts
      .optional()
      .describe('Problems that M_t writes, to sample on beside those that are drawn; absent means none.'),
    judge: judge.prefault({}).describe('How M_t judges what it sampled.'),
    pairs: ruleSettings('best-worst', 'pairs').prefault({}).describe('How samples become preference pairs.'),
    training: preferenceTrainingWith(TRAINING)
      .prefault({})
      .describe('How M_t+1 is trained from M_t, which is also the reference.'),
    schedule: schedule.default([]).describe('Settings that change from an iteration on.'),
  }),
  presets: selfRewardingPresets,
  check: checkLoop,
  async run(loop, settings) {
    let model = await warmUp(loop.iteration(0), loop.base, settings);
    let goOn = await conclude(loop.iteration(0), model, settings);
    for (let t = 1; t <= settings.iterations && goOn; t++) {
      const step = loop.iteration(t, settings.iterations);
      const now = settingsAt(settings, t);
      const { new_prompts: asked, problems_per_iteration } = now;
      const problems = asked && (await step.write(model, { settings: asked, problems_per_iteration }));
      const samples = await step.sample(model, now, { problems });
      const judged = await step.score(samples, { judge: { model, settings: now.judge } });
      const dataset = await step.build(judged, now.pairs);
      model = await step.train({ start: model, reference: model, dataset, training: now.training });
      goOn = await conclude(step, model, now);
    }
  },
});
