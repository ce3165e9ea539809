import { createLlamaConfig, type ModelConfig, type Weights } from '@hone/checkpoint';
import { chooseLoss } from '@hone/losses';
import { describe, expect, test } from 'vitest';
import { exampleParts, preferenceParts, type BatchPart } from '../data/batch.ts';
import { initializeWeights } from '../adapters/initialize-weights.ts';
import { buildStepGraph, type StepOptions } from './step-graph.ts';
import { StepRunner } from '../step-runner.ts';
import type { PreferenceGroup, PreferenceTerm } from '../types.ts';

const DPO: StepOptions = { term: chooseLoss('sigmoid', { beta: 0.3 }), sharedPrompts: true };
const NONE: StepOptions = { sharedPrompts: false };
const LOSS = { nllAlpha: 0.7, nllReduction: 'SEQUENCE_MEAN' } as const;
const UNLIMITED = 1e9;

const config = (tieWordEmbeddings: boolean): ModelConfig =>
  createLlamaConfig({
    hiddenSize: 16,
    intermediateSize: 24,
    numLayers: 2,
    numAttentionHeads: 4,
    numKeyValueHeads: 2,
    vocabSize: 20,
    maxPositionEmbeddings: 32,
    tieWordEmbeddings,
    eosTokenId: 1,
  });

/** Two problems whose completions differ in length; completions occur in several pairs. */
const groups: PreferenceGroup[] = [
  {
    problemId: 'a',
    promptTokenIds: Int32Array.of(3, 4, 5),
    completions: [
      { tokenIds: Int32Array.of(6, 7, 8, 1), referenceLogProb: -9.5 },
      { tokenIds: Int32Array.of(9, 1), referenceLogProb: -7 },
      { tokenIds: Int32Array.of(6, 6, 2, 14, 1), referenceLogProb: -15 },
    ],
    pairs: [
      { chosen: 0, rejected: 1 },
      { chosen: 0, rejected: 2 },
    ],
  },
  {
    problemId: 'b',
    promptTokenIds: Int32Array.of(10),
    completions: [
      { tokenIds: Int32Array.of(11, 1), referenceLogProb: -6 },
      { tokenIds: Int32Array.of(12, 13, 14, 15, 16, 1), referenceLogProb: -18 },
    ],
    pairs: [{ chosen: 1, rejected: 0 }],
  },
];
const items = (of: readonly PreferenceGroup[]) => of.map((group) => ({ group, items: group.pairs }));

async function withRunner<T>(
  model: ModelConfig,
  weights: Weights,
  options: StepOptions,
  use: (runner: StepRunner) => Promise<T>,
): Promise<T> {
  const runner = await StepRunner.create({ config: model, weights }, options, 1);
  try {
    return await use(runner);
  } finally {
    await runner.close();
  }
}

async function lossOf(runner: StepRunner, parts: readonly BatchPart[]): Promise<number> {
  runner.begin();
  let loss = 0;
  for (const part of parts) {
    const { preference, nll } = await runner.run(part);
    loss += preference + nll;
  }
  return loss;
}

/** Loss and gradient of a batch that is run as these parts. */
async function gradientsOf(
  parts: readonly BatchPart[],
  options: StepOptions,
): Promise<{ loss: number; gradients: Float32Array }> {
  const model = config(false);
  return withRunner(model, initializeWeights(model, 5n), options, async (runner) => ({
    loss: await lossOf(runner, parts),
    gradients: runner.gradients.slice(),
  }));
}

function expectSame(a: { loss: number; gradients: Float32Array }, b: { loss: number; gradients: Float32Array }): void {
  expect(a.loss).toBeCloseTo(b.loss, 5);
  const largest = a.gradients.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const error = a.gradients.reduce((most, value, i) => Math.max(most, Math.abs(value - b.gradients[i]!)), 0);
  expect(error / largest).toBeLessThan(1e-5);
}

describe('the gradient of every weight is what finite differences of the loss say', () => {
  const examples = [{ promptTokenIds: Int32Array.of(3, 4, 5), completionTokenIds: Int32Array.of(6, 3, 8, 1) }];
  const terms: Record<string, PreferenceTerm | undefined> = {
    demonstrations: NONE.term,
    sigmoid: DPO.term,
    'sigmoid with label smoothing': chooseLoss('sigmoid', { beta: 0.3, label_smoothing: 0.2 }),
    sigmoid_norm: chooseLoss('sigmoid_norm', { beta: 2 }),
    robust: chooseLoss('robust', { beta: 0.3, label_smoothing: 0.2 }),
    hinge: chooseLoss('hinge', { beta: 0.1 }),
    ipo: chooseLoss('ipo', { beta: 0.4 }),
    ipo_sum: chooseLoss('ipo_sum', { beta: 0.1 }),
  };
  for (const tied of [false, true]) {
    for (const [name, term] of Object.entries(terms)) {
      test(`${name}, ${tied ? 'tied' : 'untied'} embeddings`, async () => {
        const model = config(tied);
        const weights = initializeWeights(model, 5n);
        const parts =
          term === NONE.term
            ? exampleParts(examples, 'TOKEN_MEAN', UNLIMITED)
            : preferenceParts(items(groups), LOSS, UNLIMITED);
        await withRunner(model, weights, { term, sharedPrompts: term !== NONE.term }, async (runner) => {
          await lossOf(runner, parts);
          const gradients = runner.gradients.slice();
          for (const { name, offset, length } of weights.specs) {
            const gradient = gradients.subarray(offset, offset + length);
            const norm = Math.hypot(...gradient);
            expect(norm, name).toBeGreaterThan(0);
            // Along the gradient itself the loss changes by its norm: the largest signal against rounding.
            const at = async (distance: number): Promise<number> => {
              const values = weights.flat.subarray(offset, offset + length);
              const start = values.slice();
              gradient.forEach((value, i) => (values[i]! += (distance * value) / norm));
              const loss = await lossOf(runner, parts);
              values.set(start);
              return loss;
            };
            const step = 0.001;
            const measured = ((await at(step)) - (await at(-step))) / (2 * step);
            expect(Math.abs(measured / norm - 1), name).toBeLessThan(0.002);
          }
        });
      });
    }
  }
});

describe('parts of a batch add up to the batch', () => {
  test('of preferences, down to one pair a part', async () => {
    const whole = preferenceParts(items(groups), LOSS, UNLIMITED);
    const split = preferenceParts(items(groups), LOSS, 1);
    expect([whole.length, split.length]).toEqual([1, 3]);
    expectSame(await gradientsOf(whole, DPO), await gradientsOf(split, DPO));
  });

  test.each(['SEQUENCE_MEAN', 'TOKEN_MEAN', 'SEQUENCE_SUM'] as const)('of demonstrations, by %s', async (reduction) => {
    const examples = groups.flatMap(({ promptTokenIds, completions }) =>
      completions.map(({ tokenIds }) => ({ promptTokenIds, completionTokenIds: tokenIds })),
    );
    const whole = exampleParts(examples, reduction, UNLIMITED);
    const split = exampleParts(examples, reduction, 1);
    expect([whole.length, split.length]).toEqual([1, 5]);
    expectSame(await gradientsOf(whole, NONE), await gradientsOf(split, NONE));
  });
});

test('a completion of several pairs that is forwarded once gives the gradient of forwarding it for each pair', async () => {
  const naive = groups.flatMap((group) =>
    group.pairs.map(({ chosen, rejected }) => ({
      ...group,
      completions: [{ ...group.completions[chosen]! }, { ...group.completions[rejected]! }],
      pairs: [{ chosen: 0, rejected: 1 }],
    })),
  );
  const once = preferenceParts(items(groups), LOSS, UNLIMITED);
  const each = preferenceParts(items(naive), LOSS, UNLIMITED);
  expect([once[0]!.rows.length, each[0]!.rows.length]).toEqual([5, 6]);
  expectSame(await gradientsOf(once, DPO), await gradientsOf(each, DPO));
});

describe('a prompt that is forwarded once for all its completions', () => {
  const parts = preferenceParts(items(groups), LOSS, UNLIMITED);

  test.each(['sigmoid', 'none', 'ipo'] as const)(
    'gives the loss and gradient of forwarding it for each: %s',
    async (preference) => {
      const term = chooseLoss(preference, { beta: 0.3 });
      const shared = await gradientsOf(parts, { term, sharedPrompts: true });
      expectSame(shared, await gradientsOf(parts, { term, sharedPrompts: false }));
    },
  );

  test('gives the log-probs of forwarding it for each', async () => {
    const model = config(false);
    const weights = initializeWeights(model, 5n);
    const logProbs = (sharedPrompts: boolean): Promise<Float32Array> =>
      withRunner(model, weights, { ...DPO, sharedPrompts }, async (runner) => (await runner.run(parts[0]!)).logProbs);
    const [shared, apart] = [await logProbs(true), await logProbs(false)];
    shared.forEach((logProb, row) => expect(logProb).toBeCloseTo(apart[row]!, 4));
  });

  test('is fewer tokens: none twice, and no padding', async () => {
    const count = (sharedPrompts: boolean): Promise<number> =>
      withRunner(config(false), initializeWeights(config(false), 5n), { ...DPO, sharedPrompts }, async (runner) => {
        return (await runner.run(parts[0]!)).tokens;
      });
    // Prompts of 3 and 1; completions of 4, 2, 5 and of 2, 6, less the last token of each.
    expect(await count(true)).toBe(4 + (11 - 3) + (8 - 2));
    expect(await count(false)).toBe(3 * 3 + 2 * 1 + (11 - 3) + (8 - 2));
  });
});

test.each(['sigmoid', 'none'] as const)(
  'a head that never holds all logits gives the loss and gradient of one that does: %s',
  async (preference) => {
    const parts = preferenceParts(items(groups), LOSS, UNLIMITED);
    const options = { term: chooseLoss(preference, { beta: 0.3 }), sharedPrompts: true };
    const blocked = await gradientsOf(parts, { ...options, vocabularyBlock: 3 });
    expectSame(blocked, await gradientsOf(parts, options));
  },
);

test.each([
  ['a window of 1', [1, 1]],
  ['a window of 2', [2, 2]],
  ['a window of 4', [4, 4]],
  ['a window in the second layer', [null, 2]],
  ['a window in the first layer', [2, null]],
])('prompts that are shared keep to %s', async (_name, windows) => {
  const plain = config(false);
  const model = { ...plain, layers: plain.layers.map((layer, index) => ({ ...layer, window: windows[index]! })) };
  const parts = preferenceParts(items(groups), LOSS, UNLIMITED);
  const measure = (of: ModelConfig, sharedPrompts: boolean) =>
    withRunner(of, initializeWeights(of, 5n), { ...DPO, sharedPrompts }, async (runner) => ({
      loss: await lossOf(runner, parts),
      gradients: runner.gradients.slice(),
    }));
  const shared = await measure(model, true);
  expectSame(shared, await measure(model, false));
  expect(shared.loss).not.toBeCloseTo((await measure(config(false), true)).loss, 5);
});

describe('recomputed activations give the very gradients of held ones', () => {
  const parts = preferenceParts(items(groups), LOSS, UNLIMITED);

  test.each([true, false])('prompts shared: %s', async (sharedPrompts) => {
    const held = await gradientsOf(parts, { ...DPO, sharedPrompts });
    const again = await gradientsOf(parts, { ...DPO, sharedPrompts, recomputeActivations: true });
    expectSame(again, held);
  });

  test('in a graph that computes layers again', () => {
    const model = { config: config(false), weights: initializeWeights(config(false), 5n) };
    const nodes = (recomputeActivations: boolean): number =>
      buildStepGraph(model, { ...DPO, recomputeActivations }).bytes.length;
    expect(nodes(true)).toBeGreaterThan(1.1 * nodes(false));
  });
});
