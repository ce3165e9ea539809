import { createLlamaConfig } from '@hone/checkpoint';
import { chooseLoss, LOSSES, type ChosenLoss } from '@hone/losses';
import { describe, expect, test } from 'vitest';
import { initializeWeights } from './adapters/initialize-weights.ts';
import type { TrainingWarning } from './chosen-watch.ts';
import { GOLDEN_OPTIMIZER } from './optimizer/test-optimizer.ts';
import { trainOnPreferences, type PreferenceTrainingOptions } from './train.ts';
import type { PreferenceGroup, StepMetrics } from './types.ts';

const config = createLlamaConfig({
  hiddenSize: 16,
  intermediateSize: 24,
  numLayers: 1,
  numAttentionHeads: 2,
  numKeyValueHeads: 1,
  vocabSize: 24,
  maxPositionEmbeddings: 64,
  tieWordEmbeddings: false,
  eosTokenId: 1,
});
const groups: PreferenceGroup[] = [3, 4, 5].map((token) => ({
  problemId: String(token),
  promptTokenIds: Int32Array.of(2, token),
  completions: [
    { tokenIds: Int32Array.of(token, 6, 1), drawn: true },
    { tokenIds: Int32Array.of(7, 1), drawn: true },
  ],
  pairs: [{ chosen: 0, rejected: 1 }],
}));

/** Three steps of a tiny model on all pairs. */
async function train(loss: ChosenLoss, options: Partial<PreferenceTrainingOptions> = {}) {
  const steps: StepMetrics[] = [];
  const warnings: TrainingWarning[] = [];
  const said: string[] = [];
  await trainOnPreferences({
    ...{ config, weights: initializeWeights(config, 9n), groups, optimizer: GOLDEN_OPTIMIZER, threads: 1, seed: 1n },
    ...{ epochs: 3, batchSize: 3, maxSteps: 0, batchUnit: 'pairs', startsAtReference: true, drawnFrom: 'reference' },
    loss: { ...loss, nllAlpha: 0, nllReduction: 'SEQUENCE_MEAN' },
    onStep: (step) => steps.push(step),
    onWarning: (code, message) => {
      warnings.push(code);
      said.push(message);
    },
    ...options,
  });
  return { steps, warnings, said };
}

const sigmoid = chooseLoss('sigmoid', { beta: 0.1 });
/** Log-probs of another model. */
const foreign = groups.map((group) => ({
  ...group,
  completions: group.completions.map((completion, index) => ({ ...completion, referenceLogProb: -1 - 8 * index })),
}));

test('at its reference the loss of DPO is ln 2, and the trainer’s log-probs are those of the reference', async () => {
  const { steps, warnings } = await train(sigmoid);
  const { start } = steps[0]!;
  expect(start!.expectedLoss).toBeCloseTo(Math.LN2, 6);
  expect(start!.preferenceLoss).toBeCloseTo(Math.LN2, 5);
  expect(start!.logProbGap).toBeLessThan(1e-5);
  expect(warnings).toEqual([]);
});

test('only the first step is checked, and only of a training that starts at its reference', async () => {
  expect((await train(sigmoid)).steps.map(({ start }) => start !== undefined)).toEqual([true, false, false]);
  const { steps, warnings } = await train(sigmoid, { startsAtReference: false, groups: foreign });
  expect(steps[0]!.start).toBeUndefined();
  expect(warnings).toEqual([]);
});

test('log-probs of another model are told of, with the loss that should be and how far they are off', async () => {
  const { steps, warnings, said } = await train(sigmoid, { groups: foreign });
  expect(warnings).toEqual(['START_NOT_AT_REFERENCE']);
  expect(said[0]).toContain(`it should be ${Math.LN2.toFixed(4)}`);
  expect(steps[0]!.start!.logProbGap).toBeGreaterThan(0.5);
});

describe('a loss with a reference', () => {
  const withReference = LOSSES.filter(({ needs, perPair }) => needs.reference && perPair).map(({ name }) => name);

  test.each(withReference)('%s is at its start what it is at equal log-probs', async (name) => {
    const { steps, warnings } = await train(chooseLoss(name, {}), { maxSteps: 1 });
    const { preferenceLoss, expectedLoss } = steps[0]!.start!;
    expect(preferenceLoss / expectedLoss).toBeCloseTo(1, 4);
    expect(warnings).toEqual([]);
  });
});

test.each(['simpo', 'none'])('%s has nothing that could be checked', async (name) => {
  expect((await train(chooseLoss(name, {}), { maxSteps: 1 })).steps[0]!.start).toBeUndefined();
});

describe('the divergence of policy and reference', () => {
  const ratios = ({ chosenLogProb, rejectedLogProb, ...step }: StepMetrics): number =>
    (chosenLogProb + rejectedLogProb - step.referenceChosenLogProb - step.referenceRejectedLogProb) / 2;

  test('is the mean log-ratio of the model that drew to the other, and 0 at the start', async () => {
    for (const [drawnFrom, sign] of [
      ['reference', -1],
      ['start', 1],
    ] as const) {
      const { steps } = await train(sigmoid, { drawnFrom });
      expect(steps[0]!.kl).toBeCloseTo(0, 4);
      for (const step of steps) expect(step.kl).toBeCloseTo(sign * ratios(step), 6);
      expect(Math.abs(steps[2]!.kl!)).toBeGreaterThan(1e-4);
    }
  });

  test('is told of what was drawn alone, and not where that was by neither model', async () => {
    const chosenDrawn = groups.map((group) => ({
      ...group,
      completions: group.completions.map((completion, index) => ({ ...completion, drawn: index === 0 })),
    }));
    for (const step of (await train(sigmoid, { groups: chosenDrawn })).steps)
      expect(step.kl).toBeCloseTo(step.referenceChosenLogProb - step.chosenLogProb, 6);
    expect((await train(sigmoid, { drawnFrom: undefined })).steps[2]!.kl).toBeUndefined();
    expect((await train(chooseLoss('simpo', {}))).steps[2]!.kl).toBeUndefined();
  });
});

test('log-probs of the reference stay while those of the policy move', async () => {
  const { steps } = await train(sigmoid);
  expect(steps[0]!.referenceChosenLogProb).toBeCloseTo(steps[0]!.chosenLogProb, 4);
  for (const step of steps) expect(step.referenceChosenLogProb).toBeCloseTo(steps[0]!.referenceChosenLogProb, 6);
  expect(steps[2]!.chosenLogProb).toBeGreaterThan(steps[2]!.referenceChosenLogProb);
  expect(steps[2]!.margin).toBeGreaterThan(0);
});
