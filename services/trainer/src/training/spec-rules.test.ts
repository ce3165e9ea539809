import { BatchUnit, Engine, TrainingSpec, type DatasetKind } from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { lossNames, PREFERENCE_LOSSES } from '@hone/losses';
import { expect, test } from 'vitest';
import { checkTrainingSpec } from './spec-rules.ts';

/** One that can do everything. */
const ENGINE = Engine.fromPartial({ name: 'any', capabilities: ['lora', 'recompute-activations'] });

/** A valid spec, changed by `change`. */
function spec(kind: DatasetKind, change: (spec: TrainingSpec) => void = () => {}): TrainingSpec {
  const preference = { groups: 'sigmoid', labelled: 'kto', advantages: 'grpo', examples: '' }[kind];
  const ofPairs = preference !== '' && { preference, settings: { beta: 0.1 } };
  const made = TrainingSpec.fromPartial({
    loss: { version: 1, ...ofPairs, nllAlpha: 1 },
    optimizer: { learningRate: 1e-4 },
    epochs: 1,
    batchSize: 8,
  });
  change(made);
  return made;
}

function fieldsRefused(kind: DatasetKind, change: (spec: TrainingSpec) => void): string[] {
  try {
    checkTrainingSpec(spec(kind, change), kind, ENGINE);
  } catch (thrown) {
    if (thrown instanceof HoneError) return thrown.violations.map((violation) => violation.field);
    throw thrown;
  }
  return [];
}

test.each(['groups', 'labelled', 'advantages', 'examples'] as const)('a valid spec for %s passes', (kind) => {
  expect(fieldsRefused(kind, () => {})).toEqual([]);
});

test.each<[string, (spec: TrainingSpec) => void]>([
  ['spec.loss', (it) => (it.loss = undefined)],
  ['spec.loss.version', (it) => (it.loss!.version = 0)],
  ['spec.loss.preference', (it) => (it.loss!.preference = '')],
  ['spec.loss.preference', (it) => (it.loss!.preference = 'sigmoidal')],
  ['spec.loss.preference', (it) => (it.loss!.preference = '__proto__')],
  ['spec.loss.settings.beta', (it) => (it.loss!.settings = { beta: 0 })],
  ['spec.loss.settings.beta', (it) => (it.loss!.settings = { beta: Number.NaN })],
  ['spec.loss.settings.beta', (it) => (it.loss!.settings = { beta: '0.1' })],
  ['spec.loss.settings.label_smoothing', (it) => (it.loss!.settings = { label_smoothing: 0.5 })],
  ['spec.loss.settings.label_smoothing', (it) => (it.loss!.settings = { label_smoothing: -0.1 })],
  ['spec.loss.settings.alpha', (it) => (it.loss!.settings = { alpha: 1 })],
  ['spec.loss.nll_alpha', (it) => (it.loss!.nllAlpha = -1)],
  ['spec.optimizer', (it) => (it.optimizer = undefined)],
  ['spec.optimizer.learning_rate', (it) => (it.optimizer!.learningRate = 0)],
  ['spec.optimizer.learning_rate', (it) => (it.optimizer!.learningRate = Number.POSITIVE_INFINITY)],
  ['spec.optimizer.beta1', (it) => (it.optimizer!.beta1 = 1)],
  ['spec.optimizer.beta2', (it) => (it.optimizer!.beta2 = -0.1)],
  ['spec.optimizer.epsilon', (it) => (it.optimizer!.epsilon = -1e-8)],
  ['spec.optimizer.weight_decay', (it) => (it.optimizer!.weightDecay = -1)],
  ['spec.optimizer.max_grad_norm', (it) => (it.optimizer!.maxGradNorm = Number.NaN)],
  ['spec.optimizer.warmup_steps', (it) => (it.optimizer!.warmupSteps = -1)],
  ['spec.epochs', (it) => (it.epochs = 0)],
  ['spec.max_steps', (it) => (it.maxSteps = -1)],
  ['spec.batch_size', (it) => (it.batchSize = 0)],
  ['spec.max_length', (it) => (it.maxLength = -1)],
])('%s out of its range is refused by name', (field, change) => {
  expect(fieldsRefused('groups', change)).toEqual([field]);
});

test('max_steps makes epochs unnecessary', () => {
  expect(fieldsRefused('groups', (it) => Object.assign(it, { epochs: 0, maxSteps: 5 }))).toEqual([]);
});

test('a preference term needs preference groups, and batches of problems do too', () => {
  const change = (it: TrainingSpec): void => {
    it.loss!.preference = 'sigmoid';
    it.batchUnit = BatchUnit.PROBLEMS;
  };
  expect(fieldsRefused('examples', change)).toEqual(['spec.loss.preference', 'spec.batch_unit']);
});

test('examples with labels need a loss of single completions, or none, and no batches of problems', () => {
  const refused = (preference: string): string[] =>
    fieldsRefused('labelled', (it) => Object.assign(it.loss!, { preference, settings: undefined }));
  expect(['kto', 'apo_zero_unpaired', 'none'].map(refused)).toEqual([[], [], []]);
  expect(['sigmoid', ''].map(refused)).toEqual([['spec.loss.preference'], ['spec.loss.preference']]);
  expect(fieldsRefused('labelled', (it) => (it.batchUnit = BatchUnit.PROBLEMS))).toEqual(['spec.batch_unit']);
});

test('examples with advantages need a loss of tokens, which nothing else does', () => {
  const refused = (kind: DatasetKind, preference: string): string[] =>
    fieldsRefused(kind, (it) => Object.assign(it.loss!, { preference, settings: undefined }));
  for (const preference of ['sigmoid', 'kto', 'none', ''])
    expect(refused('advantages', preference)).toEqual(['spec.loss.preference']);
  for (const kind of ['groups', 'labelled'] as const) expect(refused(kind, 'grpo')).toEqual(['spec.loss.preference']);
});

test('every loss passes with its defaults', () => {
  for (const preference of lossNames(PREFERENCE_LOSSES))
    expect(fieldsRefused('groups', (it) => Object.assign(it.loss!, { preference, settings: undefined }))).toEqual([]);
});

test('label smoothing is for the losses that know of it', () => {
  for (const preference of ['ipo', 'none', 'hinge']) {
    const change = (it: TrainingSpec) => Object.assign(it.loss!, { preference, settings: { label_smoothing: 0.1 } });
    expect(fieldsRefused('groups', change)).toEqual(['spec.loss.settings.label_smoothing']);
  }
});

test('all broken rules are named at once', () => {
  const change = (it: TrainingSpec): void => {
    it.optimizer!.learningRate = -1;
    it.batchSize = 0;
  };
  expect(fieldsRefused('groups', change)).toEqual(['spec.optimizer.learning_rate', 'spec.batch_size']);
});
