/** Presets of the recipe whose model judges itself: its paper's (arXiv 2401.10020, section 3.1), and those that all recipes have. */
import type { Preset } from '../preset.ts';
import { arithmeticPreset, ARITHMETIC_PAIR_TRAINING, ARITHMETIC_SAMPLES } from './arithmetic.ts';
import { paperPresets, preferenceTrainedAs, sampledAs, scheduledAs } from './paper.ts';

/** Its decoding, of completions and of judgements. */
const DECODING = { temperature: 0.7, top_p: 0.9 };

/** M_2 and M_3, each by DPO on what the model before it drew and judged. */
const OWN: Preset = {
  name: 'self-rewarding-70b',
  summary: 'Samples, judgements, steps and learning rate of arXiv 2401.10020 for Llama-2-70B; M_t writes the problems.',
  settings: {
    iterations: 2,
    samples_per_problem: 4,
    sampling: { ...DECODING, max_tokens: 512 },
    new_prompts: { count: 5000, examples: 8, temperature: 0.6, top_p: 0.9 },
    judge: { ...DECODING, points: 5, draws: 3 },
    pairs: { rule: 'best-worst', per_problem: 1 },
    training: {
      ...{ preference: 'sigmoid', beta: 0.1, nll_alpha: 0 },
      ...{ learning_rate: 1e-6, batch_size: 16, schedule: 'linear' },
    },
  },
};

/** A question of the few words that the small model knows; it must have learned to answer "#### 5" or less. */
const ARITHMETIC_JUDGE = {
  ...{ template: '{problem}{completion}\n?\n', format: 'text', label: '####', points: 5 },
  max_tokens: 4,
};

export const selfRewardingPresets: readonly Preset[] = [
  OWN,
  ...paperPresets('self-rewarding', (task) => ({
    iterations: task.iterations,
    ...sampledAs(task),
    pairs: { per_problem: task.pairs, most_in_all: task.mostPairs },
    ...scheduledAs(task),
    training: preferenceTrainedAs(task, 0),
  })),
  arithmeticPreset({
    iterations: 4,
    ...ARITHMETIC_SAMPLES,
    judge: ARITHMETIC_JUDGE,
    training: ARITHMETIC_PAIR_TRAINING,
  }),
];
