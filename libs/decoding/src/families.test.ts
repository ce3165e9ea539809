import { readdirSync } from 'node:fs';
import { FAMILIES, readCheckpoint, type Checkpoint } from '@hone/checkpoint';
import { expect, test } from 'vitest';
import { DecodingEngine } from './engine.ts';
import { atTemperature, goldenFolder, request, sampleAll } from './test-models.ts';

/** A golden model of each family. */
const models = new Map<string, Checkpoint>();
for (const name of readdirSync(goldenFolder('configs'))) {
  const model = await readCheckpoint(goldenFolder(`configs/${name}`));
  models.set(model.config.architecture, model);
}

const quantised = FAMILIES.map(({ modelType }) => modelType).filter((type) => type !== 'gpt2');

// Rows of 16 numbers and weights with a wide spread: 8 bits are coarse here.
test.each(quantised)('%s: with 8-bit weights, log-probs are near those of the weights as they are', async (type) => {
  const engine = await DecodingEngine.load({ ...models.get(type)!, threads: 1, precision: 'int8' });
  const prompt = [3, 4, 5, 6, 7, 8, 9];
  const params = { ...atTemperature(1, 12), ignoreEos: true };
  const gaps: number[] = [];
  for (const { tokenIds, logProbs } of (await sampleAll(engine, [request('a', prompt, 4)], params)).values()) {
    const [exact] = await engine.logProbs([Int32Array.from([...prompt, ...tokenIds])]);
    logProbs.forEach((value, t) => gaps.push(Math.abs(value - exact![prompt.length - 1 + t]!)));
  }
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  expect(mean).toBeGreaterThan(1e-6);
  expect(mean).toBeLessThan(0.25);
  await engine.close();
});

test('GPT-2, whose matrices are stored otherwise, is refused', async () => {
  const load = DecodingEngine.load({ ...models.get('gpt2')!, threads: 1, precision: 'int8' });
  await expect(load).rejects.toMatchObject({ reason: 'NO_INT8_FORM' });
});
