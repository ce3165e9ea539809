/**
 * The settings of Iterative Reasoning Preference Optimization (arXiv 2404.19733, section 3), by task, for Llama-2-70B-chat. Its baselines
 * have the same samples, steps and learning rate; other methods get them too, so that they can be compared.
 */
import type { Preset } from '../preset.ts';

type Settings = Preset['settings'];

/** A task as the paper sets it. */
export interface PaperTask {
  readonly key: 'gsm8k' | 'math' | 'arc';
  readonly title: string;
  readonly iterations: number;
  /** N. */
  readonly samples: number;
  /** K. */
  readonly pairs: number;
  /** Pairs an iteration at most; 0 where the paper cuts none. */
  readonly mostPairs: number;
  /** The temperature from the third iteration on; before it is 0.8. */
  readonly laterTemperature: number;
  readonly steps: number;
  /** Whether its problems have worked solutions. */
  readonly hasSolutions: boolean;
}

const GSM8K: PaperTask = {
  ...{ key: 'gsm8k', title: 'GSM8K', iterations: 4, samples: 30, pairs: 10, mostPairs: 60_000 },
  ...{ laterTemperature: 1.3, steps: 5000, hasSolutions: true },
};
const MATH: PaperTask = {
  ...{ key: 'math', title: 'MATH', iterations: 3, samples: 20, pairs: 15, mostPairs: 0 },
  ...{ laterTemperature: 1, steps: 5000, hasSolutions: true },
};
const ARC: PaperTask = {
  ...{ key: 'arc', title: 'ARC', iterations: 3, samples: 30, pairs: 20, mostPairs: 0 },
  ...{ laterTemperature: 1.3, steps: 4000, hasSolutions: false },
};

/** Completions of one model. */
export const sampledAs = ({ samples }: PaperTask): Settings => ({
  samples_per_problem: samples,
  sampling: { temperature: 0.8, max_tokens: 512 },
});

/** Every model: greedy, and maj@32. */
const MEASURED: Settings = { evaluation: { greedy: true, majority_k: 32, majority_temperature: 0.8 } };

/** Hotter samples from the third iteration on. */
export const scheduledAs = ({ laterTemperature }: PaperTask): Settings => ({
  schedule: [{ from_iteration: 3, temperature: laterTemperature }],
});

/** Pairs by its rule. On GSM8K the gold chains are winners too. */
export const pairedAs = ({ key, pairs: per_problem, mostPairs }: PaperTask): Settings =>
  key === 'gsm8k'
    ? {
        pairs: {
          rule: 'combine',
          stages: [{ rule: 'gold-chains' }, { rule: 'cycle', per_problem }],
          most_in_all: mostPairs,
        },
      }
    : { pairs: { rule: 'cycle', per_problem } };

/** Right completions, no more of a problem than it has pairs. */
export const chosenAs = ({ pairs: per_problem, mostPairs }: PaperTask): Settings => ({
  examples: { rule: 'right-samples', per_problem, most_in_all: mostPairs },
});

/** Steps of a training on examples; of one on pairs, with the loss beside it. */
export const trainedAs = ({ steps }: PaperTask): Settings => ({
  learning_rate: 7e-7,
  batch_size: 16,
  max_steps: steps,
});

/** DPO, with or without NLL, at the paper's beta. */
export const preferenceTrainedAs = (task: PaperTask, nll_alpha: 0 | 1): Settings => ({
  ...trainedAs(task),
  ...{ preference: 'sigmoid', beta: 0.1, nll_alpha },
});

/** Presets of a recipe, "NAME-gsm8k-70b" and so on; of the tasks with worked solutions alone, where it needs those. */
export const paperPresets = (
  recipe: string,
  settingsOf: (task: PaperTask) => Settings,
  { solutions = false } = {},
): Preset[] =>
  [GSM8K, MATH, ARC]
    .filter(({ hasSolutions }) => hasSolutions || !solutions)
    .map((task) => ({
      name: `${recipe}-${task.key}-70b`,
      summary: `${task.title} with the samples, steps and learning rate of arXiv 2404.19733 for Llama-2-70B-chat.`,
      settings: { ...MEASURED, ...settingsOf(task) },
    }));
