import { describe, expect, test } from 'vitest';
import { parseModelConfig } from '@hone/checkpoint';
import { Random } from '@hone/statistics';
import { DecodingEngine, type EngineOptions } from './engine.ts';
import type { SamplingParams } from './sampling/sampling-params.ts';
import { randomWeights, request, sampleAll } from './test-models.ts';

/** One of the choices. */
const pick = <Choice>(random: Random, choices: readonly Choice[]): Choice =>
  choices[Math.floor(random.uniform() * choices.length)]!;

const CONTEXT = 512;

/** A config.json of any family. */
function randomConfig(random: Random): Record<string, unknown> {
  const architecture = pick(random, [
    'llama',
    'mistral',
    'qwen2',
    'qwen3',
    'gpt2',
    'olmo2',
    'phi3',
    'gemma3_text',
  ] as const);
  const keyValueHeads = pick(random, [1, 2, 3]);
  const heads = keyValueHeads * pick(random, [1, 2, 4]);
  const hidden = heads * pick(random, [4, 8, 16]);
  const vocab = { vocab_size: pick(random, [11, 97, 512, 4100]), eos_token_id: 0 };
  if (architecture === 'gpt2')
    return { model_type: architecture, n_embd: hidden, n_head: heads, n_layer: 2, n_positions: CONTEXT, ...vocab };
  return {
    model_type: architecture,
    hidden_size: hidden,
    intermediate_size: Math.floor(hidden * 2.5),
    num_hidden_layers: 2,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    max_position_embeddings: CONTEXT,
    ...(architecture !== 'gemma3_text' && { hidden_act: 'silu' }),
    tie_word_embeddings: random.uniform() < 0.5,
    ...(architecture === 'mistral' && { sliding_window: pick(random, [3, 64, 100, 600]) }),
    ...(architecture === 'gemma3_text' && {
      head_dim: 6,
      sliding_window: pick(random, [3, 64]),
      sliding_window_pattern: 2,
    }),
    ...(architecture === 'qwen3' && { head_dim: pick(random, [4, 10]) }),
    ...(architecture === 'llama' && { rope_scaling: pick(random, [null, { type: 'linear', factor: 2 }]) }),
    ...vocab,
  };
}

function randomCase(seed: bigint) {
  const random = new Random(seed);
  const raw = randomConfig(random);
  const config = parseModelConfig(raw);
  const { vocabSize } = config;
  const model = { config, weights: randomWeights(config, seed) };
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
  return { model, requests, params, raw };
}

const PATHS: readonly Omit<EngineOptions, 'config' | 'weights'>[] = [
  { threads: 1, api: 'js', maxRows: 1 },
  { threads: 2, api: 'native', maxRows: 5 },
  { threads: 1, api: 'native', maxRows: 1 },
  { threads: 1, api: 'js', maxRows: 2 },
];

/** Config, prompts and parameters of each seed are drawn from it. */
describe('every way through the engine gives the same completions, bit by bit, whatever the model', () => {
  test.each(Array.from({ length: 15 }, (_, seed) => seed))('seed %i', async (seed) => {
    const { model, requests, params, raw } = randomCase(BigInt(seed));
    const draw = async (options: Omit<EngineOptions, 'config' | 'weights'>) => {
      const engine = await DecodingEngine.load({ ...model, ...options });
      const all = await sampleAll(engine, requests, params, BigInt(seed));
      await engine.close();
      return all;
    };
    const expected = await draw({ threads: 1, api: 'native', maxRows: 32 });
    for (const path of PATHS) {
      expect(await draw(path), JSON.stringify({ path, raw, params })).toEqual(expected);
    }
  });
});
