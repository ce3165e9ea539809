/** Settings for the arithmetic problems and the small model that come with Hone. Tuned on validation problems alone. */
import type { Preset } from '../preset.ts';

type Settings = Preset['settings'];

const MAX_TOKENS = 48;

/** One gentle epoch. */
const EPOCH = { learning_rate: 1e-4, warmup_steps: 5, schedule: 'cosine' } as const;

/** Training on pairs: eight problems a step, each with all of its pairs. */
export const ARITHMETIC_PAIR_TRAINING = { ...EPOCH, batch_size: 8, batch_unit: 'problems' } as const;

/** Training on samples: the right ones of about eight problems a step. */
export const ARITHMETIC_SAMPLE_TRAINING = { ...EPOCH, batch_size: 32 } as const;

/** Training on all samples that can be compared: those of about eight problems a step. */
export const ARITHMETIC_ADVANTAGE_TRAINING = { ...EPOCH, batch_size: 64 } as const;

/** Training on solutions: eight problems a step, each with its one. */
export const ARITHMETIC_SOLUTION_TRAINING = { ...EPOCH, batch_size: 8 } as const;

export const ARITHMETIC_SAMPLES = { samples_per_problem: 8, sampling: { temperature: 1, max_tokens: MAX_TOKENS } };

export const ARITHMETIC_PAIRS = { pairs: { per_problem: 6 } };

/** The preset `arithmetic` of a recipe. */
export const arithmeticPreset = (settings: Settings): Preset => ({
  name: 'arithmetic',
  summary: 'The arithmetic problems and the small model that come with Hone (examples/arithmetic-base), two cores.',
  settings: {
    evaluation: { greedy: true, max_tokens: MAX_TOKENS, majority_k: 8, majority_temperature: 0.8 },
    ...settings,
  },
});
