import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { goldenFolder, greedy, openEngine, readJson, request, sampleAll } from './test-models.ts';

interface Expected {
  readonly ids: number[];
  readonly logprobs: number[];
  readonly prompt_length: number;
  readonly greedy: number[];
}

const cases = [
  ...readdirSync(goldenFolder('configs')).map((name) => [
    `configs/${name}`,
    path.join(`configs/${name}`, 'expected.json'),
  ]),
  ...readdirSync(goldenFolder('gguf/families'))
    .filter((name) => name.endsWith('.gguf'))
    .map((name) => [`gguf/families/${name}`, `gguf/families/${name.replace('.gguf', '.json')}`]),
] as [string, string][];

describe.each(cases)('%s equals Transformers', (model, golden) => {
  test('in log-probs of given tokens, and in greedy tokens through the cache', async () => {
    const { engine } = await openEngine(goldenFolder(model));
    const { ids, logprobs, prompt_length: length, greedy: tokens } = await readJson<Expected>(goldenFolder(golden));
    const [scored] = await engine.logProbs([Int32Array.from(ids)]);
    logprobs.forEach((value, i) => expect(Math.abs(scored![i]! - value)).toBeLessThan(1e-4));
    const samples = await sampleAll(engine, [request('a', ids.slice(0, length), 3)], greedy(tokens.length, true));
    for (const sample of samples.values()) expect([...sample.tokenIds]).toEqual(tokens);
    await engine.close();
  });
});
