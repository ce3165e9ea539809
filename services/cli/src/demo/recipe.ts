/** All numbers of the demo. Tuned on the validation split only; the test split is looked at by the evaluation alone. */
import { lossSpec } from '../loss-fields.ts';
import type { RunFields } from '../run-spec.ts';
import { demonstrationTraining, preferenceTraining } from '../run-spec.ts';

/** A Llama of 150 thousand weights: 3 layers, small enough for a laptop's two cores. */
export const MODEL = { hiddenSize: 64, layers: 3, heads: 2, feedForward: 160 };

/** Problems and demonstrations of each split. */
export const COUNTS = { demonstrations: 2_000, train: 400, validation: 200, test: 500 };

/** Share of carries and borrows that the careless demonstrations forget: about 45 % of them end wrong. */
export const CARELESSNESS = 0.5;

/** First stage: the model learns the task from clean demonstrations, up to an accuracy and not to a step count. */
export const LEARN = {
  training: demonstrationTraining({
    learningRate: 4e-3,
    batchSize: 16,
    maxSteps: 1_700,
    warmupSteps: 20,
    schedule: 'cosine',
    weightDecay: 0.01,
  }),
  targetAccuracy: 0.85,
  maxRounds: 3,
};

/** Second stage: careless demonstrations teach it a bad habit. The result is M_0, right in about half of the problems. */
export const SPOIL = {
  training: demonstrationTraining({
    learningRate: 1e-3,
    batchSize: 16,
    maxSteps: 120,
    warmupSteps: 5,
    schedule: 'cosine',
  }),
  targetAccuracy: 0,
  maxRounds: 1,
};

const MAX_TOKENS = 48;

/** The loop: the paper's loss with its alpha and beta, and one gentle epoch an iteration. */
export const LOOP = {
  samplesPerProblem: 8,
  sampling: { temperature: 1, maxTokens: MAX_TOKENS },
  pairs: { rule: 'cycle', pairsPerProblem: 6 },
  training: preferenceTraining({
    learningRate: 1e-4,
    batchSize: 8,
    batchUnit: 'problems',
    epochs: 1,
    warmupSteps: 5,
    schedule: 'cosine',
    // The paper's.
    loss: lossSpec({
      preference: 'sigmoid',
      beta: 0.1,
      label_smoothing: 0,
      nll_alpha: 1,
      nll_reduction: 'SEQUENCE_MEAN',
    }),
  }),
  evaluation: { greedy: true, maxTokens: MAX_TOKENS, majority: { k: 8, sampling: { temperature: 0.8 } } },
} satisfies Partial<RunFields>;
