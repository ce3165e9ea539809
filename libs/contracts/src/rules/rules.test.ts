import { HoneError } from '@hone/errors';
import { expect, test } from 'vitest';
import { LossSpec, TrainingSpec } from '../generated/hone/types/v1/loss.ts';
import { SamplingParams } from '../generated/hone/types/v1/sampling.ts';
import { checkSampling } from './evaluation-rules.ts';
import { checkTrainingSpec } from './training-rules.ts';
import { Violations } from './violations.ts';

function broken(check: (violations: Violations) => void): string[] {
  const violations = new Violations();
  check(violations);
  try {
    violations.throwIfAny();
  } catch (thrown) {
    if (thrown instanceof HoneError)
      return thrown.violations.map(({ field, description }) => `${field}: ${description}`);
    throw thrown;
  }
  return [];
}

const samplingErrors = (fields: Partial<SamplingParams>): string[] => {
  const sampling = SamplingParams.fromPartial({ temperature: 1, topP: 1, maxTokens: 8, ...fields });
  return broken((violations) => checkSampling(sampling, 'sampling', violations));
};

test('16 stop texts, stop tokens and temperatures from 0.001 to 10 pass', () => {
  const stop = Array.from({ length: 16 }, (_, index) => `stop ${index}`);
  expect(samplingErrors({ stop, stopTokenIds: [0, 7] })).toEqual([]);
  for (const temperature of [0, 0.001, 10]) expect(samplingErrors({ temperature })).toEqual([]);
});

test.each<[string, Partial<SamplingParams>]>([
  ['sampling.stop: must be at most 16 texts, but is 17', { stop: Array.from({ length: 17 }, () => 'x') }],
  ['sampling.stop: must not hold an empty text', { stop: ['x', ''] }],
  ['sampling.stop_token_ids: must be at least 0, but is -2', { stopTokenIds: [3, -2] }],
  ['sampling.temperature: must be at least 0 (0 is greedy), but is -1', { temperature: -1 }],
  ['sampling.temperature: must be at least 0 (0 is greedy), but is NaN', { temperature: Number.NaN }],
  ['sampling.temperature: must be 0 (greedy) or from 0.001 to 10, but is 0.0001', { temperature: 0.0001 }],
  ['sampling.temperature: must be 0 (greedy) or from 0.001 to 10, but is 1000', { temperature: 1000 }],
])('%s', (message, fields) => {
  expect(samplingErrors(fields)).toEqual([message]);
});

function trainingErrors(loss: Partial<LossSpec>, others: Partial<TrainingSpec> = {}): string[] {
  const spec = TrainingSpec.fromPartial({ optimizer: { learningRate: 1e-4 }, epochs: 1, batchSize: 8, ...others });
  spec.loss = LossSpec.fromPartial({ version: 1, preference: 'sigmoid', ...loss });
  return broken((violations) => checkTrainingSpec(spec, 'groups', 'spec', violations));
}

test('a loss on pairs has a name, for the trainer to find, and NLL has a weight', () => {
  expect(trainingErrors({ preference: 'sigmoid', settings: { beta: 0.1 } })).toEqual([]);
  expect(trainingErrors({ preference: '' })).toEqual([
    'spec.loss.preference: must be set for a dataset of preference groups',
  ]);
  expect(trainingErrors({ nllAlpha: -1 })).toEqual(['spec.loss.nll_alpha: must be at least 0, but is -1']);
  expect(trainingErrors({ preference: 'x'.repeat(100_000) })).toHaveLength(1);
});

test('an adapter has a rank of at least 1 and an alpha above 0', () => {
  const errorsOf = (rank: number, alpha: number): string[] =>
    trainingErrors({}, { lora: { rank, alpha, targetModules: [] } });
  expect(errorsOf(1, 0.5)).toEqual([]);
  expect(errorsOf(0, 16)).toEqual(['spec.lora.rank: must be at least 1, but is 0']);
  expect(errorsOf(8, 0)).toEqual(['spec.lora.alpha: must be above 0, but is 0']);
  expect(errorsOf(8, Number.POSITIVE_INFINITY)).toEqual(['spec.lora.alpha: must be at most 1000000, but is Infinity']);
});
