import type { DrawnSample, SampleCall } from '@hone/sampling-engine';
import { expect, test } from 'vitest';
import { heldSamples } from './held-samples.ts';

const call = {
  prompts: [{ promptId: 'a', promptTokenIds: Int32Array.of(1) }],
  n: 2,
  sampling: { maxTokens: 2 },
} as unknown as SampleCall;

const drawn = (sampleIndex: number, change: Partial<DrawnSample> = {}): DrawnSample => ({
  ...{ promptId: 'a', sampleIndex, finishReason: 'length' },
  ...{ tokenIds: Int32Array.of(1, 2), logProbs: Float32Array.of(-1, -1), ...change },
});

async function hold(...samples: DrawnSample[]): Promise<number> {
  async function* given(): AsyncGenerator<DrawnSample> {
    yield* samples;
  }
  let passed = 0;
  for await (const sample of heldSamples(given(), call, 'mine')) passed += sample.tokenIds.length > 0 ? 1 : 0;
  return passed;
}

test('what was asked for passes, in any order', async () => {
  expect(await hold(drawn(1), drawn(0))).toBe(2);
});

test.each<[string, DrawnSample[], RegExp]>([
  ['a sample twice', [drawn(0), drawn(0)], /the engine mine drew twice, or unasked, for prompt "a", sample 0/],
  ['a sample of another prompt', [drawn(0, { promptId: 'b' })], /unasked, for prompt "b"/],
  ['one sample too few', [drawn(0)], /ended with 1 samples missing/],
  ['no token', [drawn(0, { tokenIds: new Int32Array() })], /drew 0 tokens .*, where 1 to 2 were asked for/],
  ['too many tokens', [drawn(0, { tokenIds: Int32Array.of(1, 2, 3) })], /drew 3 tokens/],
  ['a log-prob too few', [drawn(0, { logProbs: Float32Array.of(-1) })], /gave 1 log-probs for 2 tokens/],
])('an engine that gives %s is INTERNAL, and named', async (_, samples, message) => {
  await expect(hold(...samples)).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringMatching(message) });
});
