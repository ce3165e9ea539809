/** Parity with Hugging Face: greedy tokens exactly, log-probs to 1e-4. */
import path from 'node:path';
import { readTensorFile } from '@hone/checkpoint';
import { describe, expect, test } from 'vitest';
import {
  goldenModel,
  greedy,
  lacksReferenceData,
  openEngine,
  readJson,
  referenceData,
  request,
  sampleAll,
} from './test-models.ts';

const LOG_PROB_TOLERANCE = 1e-4;

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  const worst = Math.max(...Array.from(actual, (value, index) => Math.abs(value - (expected[index] as number))));
  expect(worst).toBeLessThanOrEqual(LOG_PROB_TOLERANCE);
}

interface GoldenPrompt {
  readonly prompt: number[];
  readonly tokens: number[];
  readonly tokens_ignoring_eos: number[];
  readonly logprobs_ignoring_eos: number[];
}

const GOLDEN_MODELS = [
  'untied',
  'tied-llama3-rope',
  'linear-rope',
  'mistral-window',
  'qwen2-biases',
  'qwen3-head-norms',
  'gpt2',
];

describe.each(GOLDEN_MODELS)('golden model %s', (name) => {
  const folder = goldenModel(name);

  test('greedy tokens and their log-probs equal generate', async () => {
    const { engine } = await openEngine(folder);
    const { prompts } = await readJson<{ prompts: GoldenPrompt[] }>(path.join(folder, 'decode_golden.json'));
    const requests = prompts.map(({ prompt }, index) => request(`${index}`, prompt));
    const endless = await sampleAll(engine, requests, greedy(16, true));
    const stopping = await sampleAll(engine, requests, greedy(16));
    for (const [index, golden] of prompts.entries()) {
      const completion = endless.get(`${index}/0`)!;
      expect([...completion.tokenIds]).toEqual(golden.tokens_ignoring_eos);
      expectClose(completion.logProbs, golden.logprobs_ignoring_eos);
      expect([...stopping.get(`${index}/0`)!.tokenIds]).toEqual(golden.tokens);
    }
    await engine.close();
  });

  test('teacher-forced log-probs equal the fp64 forward pass', async () => {
    const { engine } = await openEngine(folder);
    const golden = await readTensorFile(path.join(folder, 'logits_golden.safetensors'));
    const names = [...golden.keys()].filter((key) => key.startsWith('ids_'));
    const sequences = names.map((key) => Int32Array.from(golden.get(key)!.values as Int32Array));
    const logProbs = await engine.logProbs(sequences);
    for (const [index, key] of names.entries()) {
      expectClose(logProbs[index]!, golden.get(key.replace('ids', 'logprobs'))!.values as Float32Array);
    }
    await engine.close();
  });
});

interface ReferencePrompt {
  readonly prompt_ids: number[];
  readonly greedy24_no_eos_stop: number[];
  readonly greedy_eos_stop: number[];
  readonly logprobs_f64: number[];
}

const REFERENCE_MODELS = [
  'llama-gqa',
  'llama3rope-tied',
  'micro',
  'llama-bf16-sharded',
  'mistral-swa',
  'qwen2-bias',
  'qwen3-qknorm',
  'gpt2',
];

describe.skipIf(lacksReferenceData('golden/models')).each(REFERENCE_MODELS)('reference model %s', (name) => {
  const folder = path.join(referenceData, 'golden/models', name);

  test('greedy tokens and their log-probs equal generate', async () => {
    const { engine } = await openEngine(path.join(folder, 'ref'));
    const prompts = await readJson<ReferencePrompt[]>(path.join(folder, 'greedy.json'));
    const requests = prompts.map(({ prompt_ids: ids }, index) => request(`${index}`, ids));
    const endless = await sampleAll(engine, requests, greedy(24, true));
    const stopping = await sampleAll(engine, requests, greedy(24));
    for (const [index, golden] of prompts.entries()) {
      const completion = endless.get(`${index}/0`)!;
      expect([...completion.tokenIds]).toEqual(golden.greedy24_no_eos_stop);
      expectClose(completion.logProbs, golden.logprobs_f64);
      expect([...stopping.get(`${index}/0`)!.tokenIds]).toEqual(golden.greedy_eos_stop);
    }
    await engine.close();
  });

  test('teacher-forced log-probs equal the fp64 forward pass', async () => {
    const { engine } = await openEngine(path.join(folder, 'ref'));
    const golden = await readTensorFile(path.join(folder, 'logits.safetensors'));
    const { shape, values: ids } = golden.get('input_ids')!;
    const mask = golden.get('attention_mask')!.values as Int32Array;
    const expected = golden.get('logprobs_f64')!.values as Float64Array;
    const [rows, time] = shape as [number, number];
    const lengths = Array.from({ length: rows }, (_, row) =>
      mask.subarray(row * time, (row + 1) * time).reduce((sum, value) => sum + value, 0),
    );
    const sequences = lengths.map((length, row) => (ids as Int32Array).slice(row * time, row * time + length));
    const logProbs = await engine.logProbs(sequences);
    for (const [row, length] of lengths.entries()) {
      expectClose(logProbs[row]!, expected.subarray(row * (time - 1), row * (time - 1) + length - 1));
    }
    await engine.close();
  });
});

const stories = 'data/models/stories260K';
test.skipIf(lacksReferenceData(stories))('the greedy story of stories260K equals its reference', async () => {
  const folder = path.join(referenceData, stories);
  const { engine } = await openEngine(path.join(folder, 'hf'));
  const golden = await readJson<{ prompt_ids: number[]; greedy_ids: number[] }>(
    path.join(folder, 'greedy_reference.json'),
  );
  const count = golden.greedy_ids.length - golden.prompt_ids.length;
  const all = await sampleAll(engine, [request('story', golden.prompt_ids)], greedy(count, true));
  expect([...golden.prompt_ids, ...all.get('story/0')!.tokenIds]).toEqual(golden.greedy_ids);
  await engine.close();
});

interface ChatReference {
  readonly prompt_ids: number[];
  readonly completion_ids: number[];
  readonly token_logprobs: number[];
}

const smollm2 = 'data/models/smollm2-135m-instruct';
test.skipIf(lacksReferenceData(smollm2))('SmolLM2 scores chats as Transformers does', async () => {
  const folder = path.join(referenceData, smollm2);
  const { engine } = await openEngine(folder, { threads: 2 });
  const chats = await readJson<ChatReference[]>(path.join(folder, 'reference_logprobs.json'));
  const sequences = chats.map(({ prompt_ids, completion_ids }) => Int32Array.from([...prompt_ids, ...completion_ids]));
  const logProbs = await engine.logProbs(sequences);
  for (const [index, { completion_ids, token_logprobs }] of chats.entries()) {
    // The reference rounds to four significant digits.
    const scored = logProbs[index]!.subarray(-completion_ids.length);
    scored.forEach((value, t) => expect(Math.abs(value - token_logprobs[t]!)).toBeLessThanOrEqual(2e-3));
  }
  await engine.close();
});
