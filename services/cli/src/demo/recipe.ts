/**
 * All numbers of the demo, beside those of the preset `arithmetic`. Tuned on the validation split only; the test split is looked at by the
 * evaluation alone.
 */
import { findRecipe, withPreset } from '@hone/recipes';

/** A Llama of 150 thousand weights: 3 layers, small enough for a laptop's two cores. */
export const MODEL = { hiddenSize: 64, layers: 3, heads: 2, feedForward: 160 };

/** Problems and demonstrations of each split. */
export const COUNTS = { demonstrations: 2_000, train: 400, validation: 200, test: 500 };

/** Share of carries and borrows that the careless demonstrations forget: about 45 % of them end wrong. */
export const CARELESSNESS = 0.5;

/**
 * M_0 of seed 1, as `hone demo --from-scratch` makes it: examples/arithmetic-base has its files (`node scripts/demo-base.mjs` writes them).
 */
export const SHIPPED_BASE = 'checkpoints/023646575f765e7a91b0935bbfa80b45ebac51cba7b80575237ba19f00e51204';

/** First stage: the model learns the task from clean demonstrations, up to an accuracy and not to a step count. */
const LEARN = {
  training: {
    learning_rate: 4e-3,
    batch_size: 16,
    max_steps: 1_700,
    warmup_steps: 20,
    schedule: 'cosine',
    weight_decay: 0.01,
  },
  target_accuracy: 0.85,
  max_rounds: 3,
};

/** Second stage: careless demonstrations teach it a bad habit. The result is M_0, right in about half of the problems. */
const SPOIL = {
  training: { learning_rate: 1e-3, batch_size: 16, max_steps: 120, warmup_steps: 5, schedule: 'cosine' },
};

/** The stages that make M_0 of the untrained model, from the names of the datasets of demonstrations. */
export const warmUpOf = ({ clean, careless }: { readonly clean: string; readonly careless: string }) => [
  { dataset: clean, ...LEARN },
  { dataset: careless, ...SPOIL },
];

/** Settings of the recipe irpo: its preset for this task, with the paper's loss, alpha and beta, and one gentle epoch an iteration. */
export const demoSettings = (run: { readonly iterations: number; readonly warmUp: ReturnType<typeof warmUpOf> }) =>
  withPreset(findRecipe('irpo'), 'arithmetic', { iterations: run.iterations, warm_up: run.warmUp });
