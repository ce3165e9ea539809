import { afterAll, beforeAll, expect, test } from 'vitest';
import { DecodingEngine } from './engine.ts';
import { atTemperature, greedy, randomModel, request, sampleAll } from './test-models.ts';
import type { SampledCompletion } from './sampling/completion.ts';

const CONTEXT = 96;
const model = randomModel({ hiddenSize: 16, heads: 2, keyValueHeads: 1, vocabSize: 12, context: CONTEXT });
let engine: DecodingEngine;

beforeAll(async () => {
  engine = await DecodingEngine.load({ ...model, threads: 1, maxRows: 8 });
});
afterAll(() => engine.close());

test('every prompt gets its n completions, each index once', async () => {
  const requests = Array.from({ length: 7 }, (_, index) => request(`p${index}`, [1 + index], 5));
  const all = await sampleAll(engine, requests, atTemperature(1, 12));
  expect(all.size).toBe(35);
  for (const { tokenIds, logProbs } of all.values()) {
    expect(logProbs).toHaveLength(tokenIds.length);
    for (const logProb of logProbs) expect(logProb).toBeLessThanOrEqual(0);
  }
});

test('a completion ends with the end-of-sequence token, or at max_tokens without one', async () => {
  const all = await sampleAll(engine, [request('p', [1], 200)], atTemperature(1.5, 12));
  const reasons = { stop: 0, length: 0 };
  for (const { tokenIds, finishReason } of all.values()) {
    reasons[finishReason] += 1;
    const end = tokenIds.indexOf(0);
    if (finishReason === 'stop') expect(end).toBe(tokenIds.length - 1);
    else expect([end, tokenIds.length]).toEqual([-1, 12]);
  }
  expect(reasons.stop).toBeGreaterThan(0);
  expect(reasons.length).toBeGreaterThan(0);
});

test('ignore_eos goes on to max_tokens', async () => {
  const params = { ...atTemperature(1.5, 12), ignoreEos: true };
  const all = await sampleAll(engine, [request('p', [1], 50)], params);
  expect([...all.values()].every(({ tokenIds }) => tokenIds.length === 12)).toBe(true);
  expect([...all.values()].some(({ tokenIds }) => tokenIds.subarray(0, -1).includes(0))).toBe(true);
});

test('a stop token ends a completion, also where end-of-sequence tokens are ignored', async () => {
  const params = { ...atTemperature(1.5, 12), ignoreEos: true, stopTokenIds: [4, 7] };
  const all = await sampleAll(engine, [request('p', [1], 50)], params);
  const stopped = [...all.values()].filter(({ finishReason }) => finishReason === 'stop');
  expect(stopped.length).toBeGreaterThan(0);
  for (const { tokenIds, finishReason } of all.values()) {
    const end = tokenIds.findIndex((token) => token === 4 || token === 7);
    expect(end).toBe(finishReason === 'stop' ? tokenIds.length - 1 : -1);
  }
});

test('a completion ends where the caller says so', async () => {
  const endsCompletion = (tokenIds: readonly number[]): boolean => tokenIds.length === 5;
  const lengths: number[] = [];
  const params = { ...atTemperature(1, 12), ignoreEos: true };
  for await (const { tokenIds, finishReason } of engine.sample([request('p', [1], 4)], params, {
    seed: 1n,
    endsCompletion,
  })) {
    expect(finishReason).toBe('stop');
    lengths.push(tokenIds.length);
  }
  expect(lengths).toEqual([5, 5, 5, 5]);
});

test('a completion ends where the context is full', async () => {
  const prompt = Array.from({ length: CONTEXT - 5 }, () => 3);
  const all = await sampleAll(engine, [request('p', prompt)], greedy(50, true));
  expect(all.get('p/0')).toMatchObject({ finishReason: 'length' });
  expect(all.get('p/0')!.tokenIds).toHaveLength(5);
});

test('owners share the rows evenly: a small call does not wait for the many samples of large ones', async () => {
  const params = { ...atTemperature(1, 12), ignoreEos: true };
  let ofLarge = 0;
  const large = ['x', 'y', 'z'].map(async (id) => {
    const options = { seed: 1n, owner: 'large' };
    for await (const { promptId } of engine.sample([request(id, [1], 100)], params, options)) {
      expect(promptId).toBe(id);
      ofLarge += 1;
    }
  });
  await expect.poll(() => ofLarge).toBeGreaterThan(0);
  const before = ofLarge;
  const small = engine.sample([request('q', [2], 8)], params, { seed: 1n, owner: 'small' });
  for await (const { promptId } of small) expect(promptId).toBe('q');
  // Half of the rows were the small call's, so the large one drew about as many; without turns it would be nearly all 300.
  expect(ofLarge - before).toBeLessThan(60);
  await Promise.all(large);
  expect(ofLarge).toBe(300);
});

test('a seed gives the same completions again, another seed others', async () => {
  const params = atTemperature(1, 20);
  const draw = (seed: bigint) => sampleAll(engine, [request('p', [5, 6], 4)], params, seed);
  expect(await draw(3n)).toEqual(await draw(3n));
  expect(tokensOf(await draw(3n))).not.toEqual(tokensOf(await draw(4n)));
});

test('samples of a prompt differ from each other', async () => {
  const all = await sampleAll(engine, [request('p', [5, 6], 8)], { ...atTemperature(1, 20), ignoreEos: true });
  expect(new Set(tokensOf(all)).size).toBe(8);
});

function tokensOf(all: Map<string, SampledCompletion>): string[] {
  return [...all.keys()].toSorted().map((key) => all.get(key)!.tokenIds.join());
}

test('aborting ends a call with CANCELLED, and others go on', async () => {
  const controller = new AbortController();
  const endless = { ...atTemperature(1, 80), ignoreEos: true };
  const aborted = (async () => {
    for await (const completion of engine.sample([request('a', [1], 10_000)], endless, {
      seed: 1n,
      signal: controller.signal,
    })) {
      expect(completion.promptId).toBe('a');
      controller.abort();
    }
  })();
  const other = sampleAll(engine, [request('b', [2], 3)], endless);
  await expect(aborted).rejects.toMatchObject({ code: 'CANCELLED' });
  expect((await other).size).toBe(3);
});

test('leaving the loop early drops the rest of the call', async () => {
  const before = engine.counters.completionTokens;
  for await (const { promptId } of engine.sample([request('a', [1], 100_000)], greedy(50, true), { seed: 1n })) {
    expect(promptId).toBe('a');
    break;
  }
  await sampleAll(engine, [request('b', [2])], greedy(2));
  expect(engine.counters.completionTokens - before).toBeLessThan(5_000);
});

test('a caller that does not read holds its call back', async () => {
  const before = engine.counters.completionTokens;
  const slow = engine.sample([request('slow', [1], 10_000)], greedy(1, true), { seed: 1n });
  await slow.next();
  // Whatever else runs meanwhile, the slow call draws no further than its queue holds.
  await sampleAll(engine, [request('b', [2], 500)], greedy(4, true));
  expect(engine.counters.completionTokens - before).toBeLessThan(500 * 4 + 300);
  await slow.return();
});

test('a small call does not wait for a large one', async () => {
  const finished: string[] = [];
  const run = async (name: string, n: number): Promise<void> => {
    const requests = Array.from({ length: n }, (_, index) => request(`${name}${index}`, [1, 2, 3]));
    await sampleAll(engine, requests, greedy(10, true));
    finished.push(name);
  };
  await Promise.all([run('large', 400), run('small', 2)]);
  expect(finished).toEqual(['small', 'large']);
});

test('a small cache limit makes fewer rows run together, with the same result', async () => {
  const requests = [request('p', [1, 2, 3], 20)];
  const params = atTemperature(1, 20);
  const expected = await sampleAll(engine, requests, params);
  // Room for three rows of one capacity step: 2 layers, keys and values of 8 numbers.
  const narrow = await DecodingEngine.load({ ...model, threads: 1, maxRows: 8, maxCacheBytes: 3 * 64 * 2 * 2 * 8 * 4 });
  expect(await sampleAll(narrow, requests, params)).toEqual(expected);
  expect(narrow.counters.steps).toBeGreaterThan(20 * 2);
  await narrow.close();
});

test.each([
  ['sampling.temperature', [request('p', [1])], { ...greedy(1), temperature: -1 }],
  ['prompts[1]', [request('p', [1]), request('q', [])], greedy(1)],
  ['prompts[0]', [request('p', new Array<number>(CONTEXT).fill(1))], greedy(1)],
  ['prompts', [], greedy(1)],
])('a call with a wrong %s draws nothing and names the field', async (field, requests, params) => {
  const before = engine.counters;
  await expect(sampleAll(engine, requests, params)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    violations: [{ field }],
  });
  expect(engine.counters).toEqual(before);
});

test('a model whose weights have diverged is an error that says so', async () => {
  const { config, weights } = randomModel({ hiddenSize: 16, heads: 2, keyValueHeads: 1, vocabSize: 12 });
  weights.flat.fill(3e38, weights.specs.at(-1)!.offset);
  const diverged = await DecodingEngine.load({ config, weights, threads: 1 });
  await expect(sampleAll(diverged, [request('p', [1])], greedy(3))).rejects.toMatchObject({
    code: 'FAILED_PRECONDITION',
    reason: 'NON_FINITE_LOGITS',
  });
  await diverged.close();
});

test('closing ends running calls', async () => {
  const closing = await DecodingEngine.load({ ...model, threads: 1 });
  const call = sampleAll(closing, [request('p', [1], 1000)], greedy(80, true));
  const ended = expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
  await new Promise((resolve) => setImmediate(resolve));
  await closing.close();
  await ended;
});
