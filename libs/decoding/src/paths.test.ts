import { describe, expect, test } from 'vitest';
import { Random } from '@hone/statistics';
import { DecodingEngine, type EngineOptions } from './engine.ts';
import type { SamplingParams } from './sampling-params.ts';
import { randomModel, request, sampleAll } from './test-models.ts';

/** One of the choices. */
const pick = <Choice>(random: Random, choices: readonly Choice[]): Choice =>
  choices[Math.floor(random.uniform() * choices.length)]!;

function randomCase(seed: bigint) {
  const random = new Random(seed);
  const keyValueHeads = pick(random, [1, 2, 3]);
  const heads = keyValueHeads * pick(random, [1, 2, 4]);
  const hiddenSize = heads * pick(random, [4, 8, 16]);
  const vocabSize = pick(random, [11, 97, 512, 4100]);
  const model = randomModel({ hiddenSize, heads, keyValueHeads, vocabSize, seed });
  const requests = Array.from({ length: 1 + Math.floor(random.uniform() * 6) }, (_, index) => {
    const length = pick(random, [1, 3, 40, 64, 130, 290]);
    const tokens = Array.from({ length }, () => Math.floor(random.uniform() * vocabSize));
    return request(`p${index}`, tokens, pick(random, [1, 2, 5, 9]));
  });
  const params: SamplingParams = {
    temperature: pick(random, [0, 0.5, 1, 2]),
    topK: pick(random, [0, 0, 5, 600]),
    topP: pick(random, [1, 1, 0.9, 0.999]),
    maxTokens: pick(random, [1, 7, 33]),
    ignoreEos: random.uniform() < 0.5,
  };
  return { model, requests, params, shape: { heads, keyValueHeads, hiddenSize, vocabSize } };
}

const PATHS: readonly Omit<EngineOptions, 'config' | 'weights'>[] = [
  { threads: 1, api: 'js', maxRows: 1 },
  { threads: 2, api: 'native', maxRows: 5 },
  { threads: 1, api: 'native', maxRows: 1 },
  { threads: 1, api: 'js', maxRows: 2 },
];

/** Config, prompts and parameters of each seed are drawn from it. */
describe('every way through the engine gives the same completions, bit by bit', () => {
  test.each(Array.from({ length: 10 }, (_, seed) => seed))('seed %i', async (seed) => {
    const { model, requests, params, shape } = randomCase(BigInt(seed));
    const draw = async (options: Omit<EngineOptions, 'config' | 'weights'>) => {
      const engine = await DecodingEngine.load({ ...model, ...options });
      const all = await sampleAll(engine, requests, params, BigInt(seed));
      await engine.close();
      return all;
    };
    const expected = await draw({ threads: 1, api: 'native', maxRows: 32 });
    for (const path of PATHS) {
      expect(await draw(path), JSON.stringify({ path, shape, params })).toEqual(expected);
    }
  });
});
