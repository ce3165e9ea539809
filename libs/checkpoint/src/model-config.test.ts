import { describe, expect, it } from 'vitest';
import { attentionWindows, parseModelConfig, type ModelConfig } from './index.ts';

const SMALL = {
  hidden_size: 16,
  intermediate_size: 20,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  vocab_size: 64,
};
const parse = (config: Record<string, unknown>): ModelConfig => parseModelConfig({ ...SMALL, ...config });
const windows = (config: Record<string, unknown>): (number | null)[] =>
  parse(config).layers.map(({ window }) => window);
const [SLIDING, FULL] = ['sliding_attention', 'full_attention'];

describe('which layers have the sliding window', () => {
  it.each([
    ['Mistral: all', { model_type: 'mistral', sliding_window: 5 }, [5, 5, 5]],
    ['Mistral: none where it is null', { model_type: 'mistral', sliding_window: null }, [null, null, null]],
    ['none where no position reaches beyond it', { model_type: 'mistral', sliding_window: 64 }, [null, null, null]],
    [
      'Mistral: 4,096 where it is not said',
      { model_type: 'mistral', max_position_embeddings: 8192 },
      [4096, 4096, 4096],
    ],
    [
      'Mistral: by layer_types',
      { model_type: 'mistral', sliding_window: 5, layer_types: [FULL, SLIDING, FULL] },
      [null, 5, null],
    ],
    ['Qwen: none unless it is switched on', { model_type: 'qwen2', sliding_window: 5 }, [null, null, null]],
    [
      'Qwen: from max_window_layers on',
      { model_type: 'qwen3', use_sliding_window: true, sliding_window: 5, max_window_layers: 1 },
      [null, 5, 5],
    ],
    [
      'Qwen: all where max_window_layers is 0',
      { model_type: 'qwen2', use_sliding_window: true, sliding_window: 5, max_window_layers: 0 },
      [5, 5, 5],
    ],
    [
      'Qwen: from layer 28 on where it is not said',
      { model_type: 'qwen2', use_sliding_window: true, sliding_window: 5 },
      [null, null, null],
    ],
    [
      'Qwen: layer_types wins over max_window_layers',
      {
        model_type: 'qwen3',
        use_sliding_window: true,
        sliding_window: 5,
        max_window_layers: 0,
        layer_types: [SLIDING, FULL, FULL],
      },
      [5, null, null],
    ],
    ['OLMo 3: three layers of four', { model_type: 'olmo3', num_hidden_layers: 4, sliding_window: 5 }, [5, 5, 5, null]],
    ['OLMo 2: none', { model_type: 'olmo2' }, [null, null, null]],
    ['Phi-3: all', { model_type: 'phi3', sliding_window: 5 }, [5, 5, 5]],
    ['Phi-3: none where it is not said', { model_type: 'phi3' }, [null, null, null]],
    [
      'Gemma 3: all but every so many',
      { model_type: 'gemma3_text', sliding_window: 5, sliding_window_pattern: 2 },
      [5, null, 5],
    ],
    ['Llama: none', { model_type: 'llama', layer_types: [FULL, FULL, 'attention'] }, [null, null, null]],
  ])('%s', (_name, config, expected) => {
    expect(windows(config)).toEqual(expected);
    expect(attentionWindows(parse(config))).toEqual([...new Set(expected)]);
  });

  it.each([
    [{ model_type: 'qwen2', layer_types: [SLIDING, FULL, FULL] }, /no sliding_window is set/],
    [{ model_type: 'llama', layer_types: [SLIDING, FULL, FULL] }, /no sliding_window is set/],
    [{ model_type: 'gemma3_text', sliding_window: null }, /sliding_window: must be a number of tokens/],
    [{ model_type: 'llama', sliding_window: 5 }, /sliding_window is 5, but only null is supported/],
    [{ model_type: 'mistral', layer_types: [FULL] }, /layer_types: must name each of the 3 layers/],
    [{ model_type: 'mistral', layer_types: [FULL, FULL, 'chunked_attention'] }, /"chunked_attention"\], but only/],
    [{ model_type: 'mistral', sliding_window: 0 }, /sliding_window: must be a whole number from 1/],
  ])('%j is refused', (config, message) => {
    expect(() => windows(config)).toThrow(message);
  });
});

describe('rotary embedding', () => {
  const rope = (config: Record<string, unknown>) => {
    const { theta: ropeTheta, scaling: ropeScaling } = parse({ model_type: 'llama', ...config }).layers[0]!.rope!;
    return { ropeTheta, ropeScaling };
  };
  const written = { rope_type: 'default', rope_theta: 500_000 };

  it('rope_scaling stands for all of rope_parameters, theta included, as in Transformers', () => {
    const linear = { type: 'linear', factor: 4 };
    expect(rope({ rope_parameters: written, rope_scaling: linear })).toEqual({
      ropeTheta: 10_000,
      ropeScaling: linear,
    });
    expect(rope({ rope_parameters: written, rope_scaling: linear, rope_theta: 7 }).ropeTheta).toBe(7);
    for (const nothing of [null, {}])
      expect(rope({ rope_parameters: written, rope_scaling: nothing })).toEqual({
        ropeTheta: 500_000,
        ropeScaling: null,
      });
  });

  it("the original context is the config's own, then that of the parameters, then the whole context", () => {
    const llama3 = { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
    const original = (config: Record<string, unknown>): unknown => rope(config).ropeScaling;
    expect(original({ rope_scaling: llama3 })).toMatchObject({ originalMaxPositionEmbeddings: 64 });
    const own = { ...llama3, original_max_position_embeddings: 16 };
    expect(original({ rope_scaling: own })).toMatchObject({ originalMaxPositionEmbeddings: 16 });
    expect(original({ rope_scaling: own, original_max_position_embeddings: 32 })).toMatchObject({
      originalMaxPositionEmbeddings: 32,
    });
  });

  it('dynamic scaling has no effect within the context', () => {
    expect(rope({ rope_scaling: { type: 'dynamic', factor: 2 } }).ropeScaling).toBeNull();
  });

  it('YaRN infers its attention factor', () => {
    const yarn = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 16 };
    const factor = (more: object): unknown => rope({ rope_scaling: { ...yarn, ...more } }).ropeScaling;
    expect(factor({})).toMatchObject({
      attentionFactor: 0.1 * Math.log(4) + 1,
      betaFast: 32,
      betaSlow: 1,
      truncate: true,
    });
    expect(factor({ attention_factor: 1.5 })).toMatchObject({ attentionFactor: 1.5 });
    const both = (0.1 * Math.log(4) + 1) / (0.05 * Math.log(4) + 1);
    expect(factor({ mscale: 1, mscale_all_dim: 0.5 })).toMatchObject({ attentionFactor: both });
  });

  it.each([
    [{ rope_scaling: { type: 'ntk', factor: 2 } }, /type is "ntk"/],
    [{ rope_scaling: { type: 'longrope', factor: 2 } }, /short_factor: is missing/],
    [{ rope_scaling: { rope_type: 'linear' } }, /factor: is missing/],
    [{ rope_parameters: { full_attention: written } }, /rope_parameters: full_attention is/],
    [{ rope_scaling: { type: 'default', mrope_section: [1, 1] } }, /mrope_section is \[1,1\]/],
    [{ partial_rotary_factor: 0.5 }, /partial_rotary_factor is 0\.5, but only 1 is/],
    [{ rope_parameters: { ...written, partial_rotary_factor: 0.5 } }, /partial_rotary_factor is 0\.5/],
  ])('%j is refused', (config, message) => {
    expect(() => rope(config)).toThrow(message);
  });
});

describe('rotary embedding by type of layer', () => {
  const GEMMA = { model_type: 'gemma3_text', sliding_window: 5, layer_types: [SLIDING, FULL, SLIDING] };
  const ropes = (config: Record<string, unknown>) => parse(config).layers.map(({ rope }) => rope);

  it('is the same in the layout of published checkpoints and in that of Transformers 5', () => {
    const linear = { rope_type: 'linear', factor: 8 };
    const published = { rope_theta: 5e5, rope_local_base_freq: 100, rope_scaling: linear };
    const full = { theta: 5e5, scaling: { type: 'linear', factor: 8 } };
    const sliding = { theta: 100, scaling: null };
    expect(ropes({ ...GEMMA, ...published })).toEqual([sliding, full, sliding]);
    const rope_parameters = {
      full_attention: { ...linear, rope_theta: 5e5 },
      sliding_attention: { rope_type: 'default', rope_theta: 100 },
    };
    expect(ropes({ ...GEMMA, rope_parameters })).toEqual([sliding, full, sliding]);
  });

  it('has the thetas of the class where nothing is said', () => {
    expect(ropes(GEMMA).map((rope) => rope!.theta)).toEqual([1e4, 1e6, 1e4]);
    expect(ropes({ model_type: 'olmo3' }).map((rope) => rope!.theta)).toEqual([5e5, 5e5, 5e5]);
  });

  it.each([
    [{ ...GEMMA, rope_parameters: { rope_type: 'default' } }, /rope_parameters: rope_type is/],
    [{ ...GEMMA, partial_rotary_factor: 0.5 }, /partial_rotary_factor is 0\.5/],
    [{ ...GEMMA, final_logit_softcapping: 30 }, /final_logit_softcapping is 30/],
    [{ ...GEMMA, use_bidirectional_attention: true }, /use_bidirectional_attention is true/],
    [
      { model_type: 'phi3', rope_scaling: { type: 'longrope', short_factor: [1] } },
      /must have 2 factors in short_factor/,
    ],
    [{ model_type: 'phi3', rope_scaling: { type: 'linear', factor: 2 } }, /only "default" and "longrope" are/],
    [{ model_type: 'phi3', partial_rotary_factor: 0.75 }, /partial_rotary_factor: must make an even number of up to 4/],
    [{ model_type: 'gemma3' }, /model_type is "gemma3", but only "gemma3_text", .* are supported/],
  ])('%j is refused', (config, message) => {
    expect(() => parse(config)).toThrow(message);
  });
});

it("Phi-3's window is that of all layers, whatever their types say, as in Transformers", () => {
  const types = { layer_types: [FULL, SLIDING, FULL] };
  expect(windows({ model_type: 'phi3', sliding_window: 5, ...types })).toEqual([5, 5, 5]);
  expect(windows({ model_type: 'phi3', sliding_window: null, ...types })).toEqual([null, null, null]);
});

describe('LongRoPE', () => {
  const scaling = { type: 'longrope', short_factor: [1, 2], long_factor: [3, 4] };

  it.each(['longrope', 'su', 'yarn'])('of Phi-3 as %s ends where its short factors do', (type) => {
    const config = parse({
      model_type: 'phi3',
      max_position_embeddings: 128,
      original_max_position_embeddings: 16,
      rope_scaling: { ...scaling, type },
    });
    expect(config.maxPositionEmbeddings).toBe(16);
    const attentionFactor = Math.sqrt(1 + Math.log(8) / Math.log(16));
    expect(config.layers[0]!.rope!.scaling).toMatchObject({ type: 'longrope', shortFactors: [1, 2], attentionFactor });
  });
});

describe('a key that is missing has the default of its family in Transformers', () => {
  const bare = (model_type: string) => parseModelConfig({ model_type });
  it.each([
    [
      'llama',
      { intermediateSize: 11008, vocabSize: 32000, numKeyValueHeads: 32, headDim: 128, maxPositionEmbeddings: 2048 },
    ],
    [
      'mistral',
      { intermediateSize: 14336, vocabSize: 32000, numKeyValueHeads: 8, headDim: 128, maxPositionEmbeddings: 131072 },
    ],
    [
      'qwen2',
      { intermediateSize: 22016, vocabSize: 151936, numKeyValueHeads: 32, headDim: 128, maxPositionEmbeddings: 32768 },
    ],
    [
      'qwen3',
      { intermediateSize: 22016, vocabSize: 151936, numKeyValueHeads: 32, headDim: 128, maxPositionEmbeddings: 32768 },
    ],
    ['olmo2', { hiddenSize: 4096, vocabSize: 50304, numKeyValueHeads: 32, maxPositionEmbeddings: 2048, normEps: 1e-5 }],
    ['phi3', { hiddenSize: 3072, vocabSize: 32064, numKeyValueHeads: 32, headDim: 96, maxPositionEmbeddings: 4096 }],
    ['gemma3_text', { hiddenSize: 2304, numLayers: 26, numKeyValueHeads: 4, headDim: 256, tieWordEmbeddings: true }],
    ['gpt2', { hiddenSize: 768, intermediateSize: 3072, numLayers: 12, vocabSize: 50257, tieWordEmbeddings: true }],
  ])('%s', (type, expected) => {
    expect(bare(type)).toMatchObject(expected);
  });

  it('Qwen3 has heads of 128 whatever its width, the others of width / heads', () => {
    expect(parse({ model_type: 'qwen3' }).headDim).toBe(128);
    expect(parse({ model_type: 'qwen2' }).headDim).toBe(4);
  });

  it('num_key_value_heads: null is as many as heads, missing is the default', () => {
    expect(parse({ model_type: 'mistral', num_key_value_heads: null }).numKeyValueHeads).toBe(4);
    expect(() => parse({ model_type: 'mistral', num_key_value_heads: undefined })).toThrow(/must divide .*is 8/);
  });
});

describe('keys that Hone does not know', () => {
  it.each([
    ['logit_scale', 0.5],
    ['attention_multiplier', 0.1],
    ['final_logit_softcapping', 30],
    ['residual_multiplier', 0.2],
    ['use_qk_norm', true],
    ['per_layer_config', { 0: { num_attention_heads: 2 } }],
    ['position_embedding_type', 'alibi'],
    ['mlp_bias', true, 'qwen3'],
    ['attention_bias', true, 'mistral'],
    ['sliding_window', 5, 'gpt2'],
    ['is_encoder_decoder', true],
  ])('refuses %s: %j by name', (key, value, type = 'llama') => {
    const error = expect.objectContaining({ code: 'UNIMPLEMENTED', message: expect.stringContaining(key) as string });
    expect(() => parseModelConfig({ model_type: type, [key]: value })).toThrow(error as Error);
  });

  it('lets pass what switches nothing on, and notes', () => {
    const notes = {
      logit_scale: null,
      use_qk_norm: false,
      per_layer_config: {},
      _model_name_or_path: 'a',
      finetuned_by: 'b',
      unsloth_fixed: true,
      trl_version: '1',
      quantization_config: null,
    };
    expect(parse({ model_type: 'llama', ...notes }).numLayers).toBe(3);
  });

  it.each([
    [{ quantization_config: { quant_method: 'gptq', bits: 4 } }, /quantization_config: .*quant_method "gptq"/],
    [{ quantization_config: { quant_method: 'bitsandbytes', load_in_4bit: true } }, /quant_method "bitsandbytes"/],
    [{ quantization_config: { load_in_8bit: true } }, /quantization_config: the weights are quantised, /],
    [{ quantization: { group_size: 64, bits: 4 } }, /quantization: the weights are quantised/],
  ])('refuses quantised weights by their method: %j', (config, message) => {
    expect(() => parse({ model_type: 'llama', ...config })).toThrow(message);
  });
});

describe('sizes that no model has are refused before anything is made of them', () => {
  it.each([
    ['num_hidden_layers', 1e9],
    ['num_hidden_layers', 0],
    ['hidden_size', 1e300],
    ['num_attention_heads', 2 ** 31],
    ['vocab_size', 2 ** 31],
    ['vocab_size', '64'],
    ['head_dim', 1e9],
    ['intermediate_size', 1.5],
    ['max_position_embeddings', 1e12],
    ['eos_token_id', 2 ** 31],
    ['pad_token_id', 2 ** 31],
    ['bos_token_id', 2 ** 53],
    ['rms_norm_eps', -1],
    ['rope_theta', 0],
  ])('%s: %j', (key, value) => {
    const error = { code: 'INVALID_ARGUMENT', message: expect.stringContaining(key) as string };
    expect(() => parse({ model_type: 'llama', [key]: value })).toThrow(expect.objectContaining(error) as Error);
  });

  it('GPT-2 too, under both names of a size', () => {
    for (const key of ['n_layer', 'n_embd', 'n_head', 'n_positions', 'n_inner', 'hidden_size', 'num_hidden_layers'])
      expect(() => parseModelConfig({ model_type: 'gpt2', [key]: 1e10 })).toThrow(`${key}: must be a whole number`);
    expect(() => parseModelConfig({ model_type: 'gpt2', n_head: 5 })).toThrow(/n_head: must divide n_embd \(768\)/);
  });

  it('a pad token below 0 is none, as in configs of old', () => {
    expect(parse({ model_type: 'llama', pad_token_id: -1 }).padTokenId).toBeNull();
  });
});
