import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAMILIES, isProjection, readCheckpoint } from '@hone/checkpoint';
import { expect, test } from 'vitest';
import type { Row } from './data/batch.ts';
import { initializeWeights } from './adapters/initialize-weights.ts';
import { initializeAdapter, mergeAdapter } from './adapters/lora.ts';
import { LogProbRunner } from './step-runner.ts';

const configs = fileURLToPath(new URL('../../../test/golden/configs/', import.meta.url));
const models = await Promise.all(readdirSync(configs).map((name) => readCheckpoint(path.join(configs, name))));
const rows: Row[] = [
  {
    promptTokenIds: Int32Array.of(3, 4, 5),
    completionTokenIds: Int32Array.of(6, 7, 8, 9),
    referenceLogProb: 0,
    nllWeight: 1,
  },
];

/** One model of each family. */
const modelOf = (modelType: string) => models.find(({ config }) => config.architecture === modelType)!;
const adapted = FAMILIES.map(({ modelType }) => modelType).filter((type) => type !== 'gpt2');

test.each(adapted)('%s: an adapter of all projections gives the log-probs of its merged model', async (modelType) => {
  const { config, weights } = modelOf(modelType);
  const adapter = initializeAdapter(weights, { rank: 2, alpha: 4, targetModules: [] }, 4n);
  expect(adapter.weights.specs).toHaveLength(2 * weights.specs.filter(isProjection).length);
  adapter.weights.flat.forEach((value, i) => (adapter.weights.flat[i] = value + 0.05 * Math.sin(i)));
  const logProb = async (model: Parameters<typeof LogProbRunner.create>[0]) => {
    const runner = await LogProbRunner.create(model, 1);
    const [sum] = await runner.run(rows);
    await runner.close();
    return sum!;
  };
  const [plain, changed] = [await logProb({ config, weights }), await logProb({ config, weights, adapter })];
  const merged = { ...weights, flat: weights.flat.slice() };
  mergeAdapter(merged, adapter);
  expect(changed).toBeCloseTo(await logProb({ config, weights: merged }), 3);
  expect(Math.abs(changed - plain)).toBeGreaterThan(1e-2);
});

test('GPT-2, whose projections are stored otherwise, has no adapters', () => {
  const { weights } = modelOf('gpt2');
  expect(() => initializeAdapter(weights, { rank: 2, alpha: 4, targetModules: [] }, 4n)).toThrow(
    /lora\.target_modules/,
  );
});

test('norms of a new model multiply by 1, whatever they hold', () => {
  for (const { config } of models) {
    const weights = initializeWeights(config, 1n);
    for (const { role, offset, length } of weights.specs) {
      if (role !== 'norm' && role !== 'offset-norm') continue;
      const expected = role === 'norm' ? 1 : 0;
      expect(weights.flat.subarray(offset, offset + length).every((value) => value === expected)).toBe(true);
    }
  }
});
