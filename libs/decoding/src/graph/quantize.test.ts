import { describe, expect, test } from 'vitest';
import { DecodingEngine } from '../engine.ts';
import { quantizeMatrix } from './quantize.ts';
import { atTemperature, greedy, randomModel, request, sampleAll } from '../test-models.ts';

test('each number is off by at most half a step of its block', () => {
  const [rows, columns] = [5, 70];
  const matrix = Float32Array.from({ length: rows * columns }, (_, i) => 3 * Math.sin(12.9898 * i) * (i % 7));
  matrix.fill(0, 70, 102);
  const values = new Uint8Array(rows * 3 * 32);
  const scales = new Float32Array(rows * 3);
  quantizeMatrix(matrix, [rows, columns], values, scales);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const block = row * 3 + Math.floor(column / 32);
      const restored = scales[block]! * (values[block * 32 + (column % 32)]! - 128);
      // The largest number's opposite has one step less.
      const allowed = Math.abs(scales[block]!) * 1.001;
      expect(Math.abs(restored - matrix[row * columns + column]!)).toBeLessThanOrEqual(allowed);
    }
});

describe('sampling with 8-bit weights', () => {
  const model = randomModel({ hiddenSize: 96, heads: 4, keyValueHeads: 2, vocabSize: 300 });
  const requests = [1, 30, 70].map((length, index) =>
    request(
      `p${index}`,
      Array.from({ length }, (_, i) => (17 * i + index) % 300),
      4,
    ),
  );
  const params = { ...atTemperature(1, 24), ignoreEos: true };

  test('log-probs are near those of the weights as they are, and not the same', async () => {
    const engine = await DecodingEngine.load({ ...model, threads: 1, precision: 'int8' });
    const all = await sampleAll(engine, requests, params);
    let worst = 0;
    for (const { promptId, tokenIds, logProbs } of all.values()) {
      const prompt = requests.find((candidate) => candidate.promptId === promptId)!.promptTokenIds;
      const [exact] = await engine.logProbs([Int32Array.from([...prompt, ...tokenIds])]);
      logProbs.forEach((value, t) => (worst = Math.max(worst, Math.abs(value - exact![prompt.length - 1 + t]!))));
    }
    expect(worst).toBeGreaterThan(1e-6);
    expect(worst).toBeLessThan(0.3);
    await engine.close();
  });

  test.each([
    ['greedy', { ...greedy(24), ignoreEos: true }],
    ['drawn', params],
  ])('a completion does not depend on its batch: %s', async (_, sampling) => {
    const draw = async (maxRows: number, api: 'native' | 'js') => {
      const engine = await DecodingEngine.load({ ...model, threads: 1, precision: 'int8', maxRows, api });
      const all = await sampleAll(engine, requests, sampling, 3n);
      await engine.close();
      return all;
    };
    const expected = await draw(16, 'native');
    expect(await draw(5, 'native')).toEqual(expected);
    expect(await draw(1, 'js')).toEqual(expected);
  });
});
