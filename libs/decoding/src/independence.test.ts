/** A sample's tokens and log-probs, bit by bit, do not depend on what is computed beside it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DecodingEngine } from './engine.ts';
import type { SamplingParams } from './sampling/sampling-params.ts';
import type { SampledCompletion } from './sampling/completion.ts';
import { atTemperature, greedy, randomModel, request, sampleAll } from './test-models.ts';
import { UniformStream } from './sampling/uniform-stream.ts';
import type { SampleRequest } from './validate-requests.ts';

// Two shapes, since matrix products of different sizes are different routines: grouped heads, and one head each.
const SHAPES = [
  { hiddenSize: 48, heads: 4, keyValueHeads: 2, vocabSize: 130 },
  { hiddenSize: 128, heads: 2, keyValueHeads: 2, vocabSize: 512 },
];

describe.each(SHAPES)('hidden size $hiddenSize', (shape) => {
  const model = randomModel(shape);
  const engines: DecodingEngine[] = [];
  const load = async (maxRows: number, threads = 1): Promise<DecodingEngine> => {
    const engine = await DecodingEngine.load({ ...model, threads, maxRows });
    engines.push(engine);
    return engine;
  };
  /** Prompts on both sides of a step of the cache's capacity; the last is longer than a prefill chunk. */
  const requests: SampleRequest[] = [1, 2, 60, 65, 129, 300].map((length, index) => {
    const uniforms = new UniformStream(BigInt(length));
    const tokens = Array.from({ length }, () => 1 + Math.floor(uniforms.next() * (shape.vocabSize - 1)));
    return request(`prompt ${index}`, tokens, 3);
  });
  const params: SamplingParams = { ...atTemperature(0.9, 40), ignoreEos: true };
  let expected: Map<string, SampledCompletion>;

  beforeAll(async () => {
    expected = await sampleAll(await load(128), requests, params, 5n);
  });
  afterAll(() => Promise.all(engines.map((engine) => engine.close())));

  test('of how many rows decode together', async () => {
    for (const maxRows of [1, 3, 13]) {
      expect(await sampleAll(await load(maxRows), requests, params, 5n)).toEqual(expected);
    }
  });

  test('of the number of threads', async () => {
    expect(await sampleAll(await load(32, 2), requests, params, 5n)).toEqual(expected);
  });

  test('of the other prompts, and of their order', async () => {
    const engine = await load(16);
    expect(await sampleAll(engine, requests.toReversed(), params, 5n)).toEqual(expected);
    for (const alone of [requests[0]!, requests[3]!, requests[5]!]) {
      const all = await sampleAll(engine, [{ ...alone, n: 1 }], params, 5n);
      expect(all.get(`${alone.promptId}/0`)).toEqual(expected.get(`${alone.promptId}/0`));
    }
  });

  test('of how its siblings are spread over calls', async () => {
    const engine = await load(16);
    const [first] = requests.slice(4);
    const later = await sampleAll(engine, [{ ...first!, n: 1, firstSampleIndex: 2 }], params, 5n);
    expect(later.get(`${first!.promptId}/2`)).toEqual(expected.get(`${first!.promptId}/2`));
  });

  test('of calls that run at the same time with other parameters', async () => {
    const engine = await load(8);
    const truncating = { ...params, temperature: 1.3, topK: 20, topP: 0.9 };
    const others = requests.map((other) => ({ ...other, promptId: `other ${other.promptId}` }));
    const [all, alsoTruncated, alsoGreedy] = await Promise.all([
      sampleAll(engine, requests, params, 5n),
      sampleAll(engine, others, truncating, 6n),
      sampleAll(engine, requests, greedy(20), 7n),
    ]);
    expect(all).toEqual(expected);
    expect(alsoTruncated).toEqual(await sampleAll(engine, others, truncating, 6n));
    expect(alsoGreedy).toEqual(await sampleAll(engine, requests, greedy(20), 8n).then(withSeedsOf(alsoGreedy)));
  });

  test('log-probs of given tokens, of the sequences beside them', async () => {
    const engine = await load(4);
    const sequences = [...expected.values()].map(({ promptId, tokenIds }) => {
      const { promptTokenIds } = requests.find((candidate) => candidate.promptId === promptId)!;
      return Int32Array.from([...promptTokenIds, ...tokenIds]);
    });
    const together = await engine.logProbs(sequences);
    for (const index of [0, 8, 17]) {
      expect(await engine.logProbs([sequences[index]!])).toEqual([together[index]]);
    }
  });

  test('log-probs from sampling are the teacher-forced ones to 1e-4', async () => {
    const engine = await load(4);
    const completions = [...expected.values()];
    const sequences = completions.map(({ promptId, tokenIds }) => {
      const { promptTokenIds } = requests.find((candidate) => candidate.promptId === promptId)!;
      return Int32Array.from([...promptTokenIds, ...tokenIds]);
    });
    const forced = await engine.logProbs(sequences);
    for (const [index, { logProbs }] of completions.entries()) {
      const own = forced[index]!.subarray(-logProbs.length);
      logProbs.forEach((value, t) => expect(Math.abs(value - own[t]!)).toBeLessThanOrEqual(1e-4));
    }
  });
});

/** Greedy samples draw nothing, so two calls differ in nothing but the seeds that they state. */
function withSeedsOf(other: Map<string, SampledCompletion>) {
  return (all: Map<string, SampledCompletion>): Map<string, SampledCompletion> =>
    new Map([...all].map(([key, completion]) => [key, { ...completion, seed: other.get(key)!.seed }]));
}
