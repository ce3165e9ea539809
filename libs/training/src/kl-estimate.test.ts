import { createLlamaConfig } from '@hone/checkpoint';
import { expect, test } from 'vitest';
import { initializeWeights } from './adapters/initialize-weights.ts';
import type { GroupItems } from './data/items.ts';
import { KlEstimates, mismatched } from './kl-estimate.ts';

/** A problem of this prompt; each completion is one token, and desirable. */
const problem = (prompt: readonly number[], completions: readonly number[]): GroupItems => ({
  group: {
    problemId: prompt.join(),
    promptTokenIds: Int32Array.from(prompt),
    completions: completions.map((id) => ({ tokenIds: Int32Array.of(id) })),
    pairs: [],
  },
  items: completions.map((_, completion) => ({ completion, desirable: true })),
});

/** Prompts and what stands behind them. */
const met = (...batch: GroupItems[]): string[] =>
  mismatched(batch, 100).map(({ promptTokenIds, completionTokenIds }) => `${promptTokenIds}: ${completionTokenIds}`);

test('where each prompt occurs once, completions move on by one place', () => {
  expect(met(problem([1], [11]), problem([2], [12]), problem([3], [13]))).toEqual(['1: 13', '2: 11', '3: 12']);
});

test('no completion stays behind its own prompt, also where equal prompts are of several problems, and each occurs once', () => {
  const batch = [problem([1], [11, 12]), problem([2], [13]), problem([1], [14]), problem([3], [15, 16])];
  const rows = met(...batch);
  expect(rows).toEqual(['1: 13', '1: 15', '1: 16', '2: 11', '3: 12', '3: 14']);
});

test('a pair is two completions', () => {
  const [first, second] = [problem([1], [11, 12]), problem([2], [13, 14])].map((it) => ({
    ...it,
    items: [{ chosen: 1, rejected: 0 }],
  }));
  expect(met(first!, second!)).toEqual(['1: 14', '1: 13', '2: 12', '2: 11']);
});

test('a prompt of more than half of the completions meets those of others alone, and one that is alone meets none', () => {
  expect(met(problem([1], [11, 12, 13]), problem([2], [14]))).toEqual(['1: 14', '2: 11']);
  expect(met(problem([1], [11, 12]))).toEqual([]);
});

test('what is too long behind another prompt is cut', () => {
  const long = problem([1, 1, 1], [11]);
  const other = problem([2], [12]);
  const whole = { ...other, group: { ...other.group, completions: [{ tokenIds: Int32Array.of(5, 6, 7) }] } };
  expect(mismatched([long, whole], 4).map(({ completionTokenIds }) => [...completionTokenIds])).toEqual([[5], [11]]);
});

test('the estimate follows the weights, against the reference as it was, and is never below 0', async () => {
  const config = createLlamaConfig({
    ...{ hiddenSize: 16, intermediateSize: 24, numLayers: 1, numAttentionHeads: 2, numKeyValueHeads: 1 },
    ...{ vocabSize: 20, maxPositionEmbeddings: 32, tieWordEmbeddings: false, eosTokenId: 1 },
  });
  const model = { config, weights: initializeWeights(config, 5n) };
  const batch = [problem([3, 4], [11, 12]), problem([5], [13]), problem([6], [14])];
  async function* batches() {
    yield { step: 7, batch };
    yield { step: 8, batch: batch.slice(0, 1) };
  }
  const options = { policy: model, reference: model, batches: batches(), maxTokens: 5, threads: 1 };
  const estimates = await KlEstimates.open(options);
  try {
    expect(estimates.stepsWithout).toBe(1);
    expect(await estimates.of(7, batch)).toBe(0);
    const [head] = model.weights.specs.filter(({ name }) => name === 'lm_head.weight');
    const values = model.weights.flat.subarray(head!.offset, head!.offset + head!.length);
    const start = values.slice();
    const scaled = async (by: number): Promise<number> => {
      start.forEach((value, i) => (values[i] = by * value));
      return estimates.of(7, batch);
    };
    const [less, more] = [await scaled(0), await scaled(-1)];
    expect([less, more].filter((kl) => kl === 0).length).toBeLessThan(2);
    expect(Math.min(less, more)).toBeGreaterThanOrEqual(0);
    expect(await estimates.of(8, batch.slice(0, 1))).toBe(0);
  } finally {
    await estimates.close();
  }
});
