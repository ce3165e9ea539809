/** A run on the sums with all that a plain one lacks: it chooses and stops early, its settings change, and it trains an adapter. */
import { messageOf, RunSpec } from '@hone/contracts';

const loss = { preference: 'ipo', beta: 0.2, nll_alpha: 0.5 };

const settings = {
  // Of which it makes three: the first stays the best.
  iterations: 5,
  problems_per_iteration: 50,
  samples_per_problem: 6,
  sampling: { temperature: 1, max_tokens: 6 },
  pairs: { rule: 'cycle', per_problem: 3, truncated_lose: true },
  training: {
    lora: { rank: 4, alpha: 8, target_modules: ['q_proj', 'v_proj', 'down_proj'] },
    learning_rate: 5e-3,
    epochs: 3,
    batch_size: 8,
  },
  evaluation: { max_tokens: 6, majority_k: 4, majority_temperature: 1 },
  select: { metric: 'greedy', patience: 2, min_improvement: 0.05 },
  schedule: [
    { from_iteration: 2, temperature: 1.3, samples_per_problem: 8, pairs_per_problem: 5 },
    { from_iteration: 3, learning_rate: 2e-3, loss },
  ],
};

/** What the run starts from and asks. */
export interface FullRunUploads {
  /** M_0, warmed up. */
  readonly checkpoint: string;
  readonly problemSet: string;
  readonly validation: string;
}

export function fullRunSpec({ checkpoint, problemSet, validation }: FullRunUploads): RunSpec {
  return messageOf(RunSpec, {
    displayName: 'sums, full',
    recipe: 'irpo',
    settings,
    baseCheckpoint: checkpoint,
    trainProblemSet: problemSet,
    validationProblemSet: validation,
    testProblemSet: problemSet,
    scorer: { name: 'gsm8k' },
    seed: 3n,
    benchmark: 'sums',
    problemsPerShard: 16,
  });
}
