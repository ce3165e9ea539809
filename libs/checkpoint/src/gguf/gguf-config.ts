import { dataLoss, unimplemented } from '@hone/errors';
import { shown } from '../config-fields.ts';
import type { GgufFile, GgufMetadata } from './gguf-file.ts';
import { ropeOf } from './gguf-rope.ts';

/** What config.json and generation_config.json would say of the model in a GGUF file. */
export interface GgufConfig {
  readonly config: Record<string, unknown>;
  readonly generationConfig: Record<string, unknown>;
}

/** GGUF's architectures, and what of each config.json calls otherwise. Mistral's models are "llama" there. */
const ARCHITECTURES: Readonly<Record<string, (source: GgufFile) => Record<string, unknown>>> = {
  llama: (source) => ({ ...llamaLike(source, 'llama'), mlp_bias: source.tensors.has('blk.0.ffn_gate.bias') }),
  qwen2: (source) => llamaLike(source, 'qwen2'),
  qwen3: (source) => llamaLike(source, 'qwen3'),
  gpt2: (source) => gpt2(source),
};

const CLASSES: Readonly<Record<string, string>> = {
  llama: 'LlamaForCausalLM',
  qwen2: 'Qwen2ForCausalLM',
  qwen3: 'Qwen3ForCausalLM',
  gpt2: 'GPT2LMHeadModel',
};

/** The architecture of a GGUF file, one that can be read. */
export function architectureOf({ metadata, file }: GgufFile): string {
  const architecture = metadata.string('general.architecture');
  if (Object.hasOwn(ARCHITECTURES, architecture)) return architecture;
  const known = Object.keys(ARCHITECTURES).join(', ');
  throw unimplemented(
    `${file}: general.architecture is ${shown(architecture)}, but only ${known} are supported in GGUF`,
  );
}

/** Writes a GGUF file's metadata as Hugging Face's configs, in the layout of published checkpoints. */
export function configFromGguf(source: GgufFile): GgufConfig {
  const architecture = architectureOf(source);
  const tokens = specialTokenIds(source.metadata);
  const config = {
    architectures: [CLASSES[architecture]],
    model_type: architecture,
    ...ARCHITECTURES[architecture]!(source),
    vocab_size: embeddingOf(source).shape[0],
    tie_word_embeddings: !source.tensors.has('output.weight'),
    ...tokens,
    torch_dtype: 'float32',
  };
  requireKnownKeys(source, architecture);
  return { config, generationConfig: tokens };
}

function embeddingOf({ tensors, file }: GgufFile) {
  const embedding = tensors.get('token_embd.weight');
  if (!embedding) throw dataLoss(file, 'tensor token_embd.weight is missing');
  return embedding;
}

function llamaLike(source: GgufFile, prefix: string): Record<string, unknown> {
  const { metadata, tensors } = source;
  const hiddenSize = metadata.number(`${prefix}.embedding_length`);
  const heads = metadata.number(`${prefix}.attention.head_count`);
  const headDim = metadata.optionalNumber(`${prefix}.attention.key_length`) ?? hiddenSize / heads;
  const context = metadata.number(`${prefix}.context_length`);
  requireSame(source, `${prefix}.attention.value_length`, headDim);
  requireSame(source, `${prefix}.rope.dimension_count`, headDim);
  return {
    hidden_size: hiddenSize,
    intermediate_size: metadata.number(`${prefix}.feed_forward_length`),
    num_hidden_layers: metadata.number(`${prefix}.block_count`),
    num_attention_heads: heads,
    num_key_value_heads: metadata.optionalNumber(`${prefix}.attention.head_count_kv`) ?? heads,
    head_dim: headDim,
    max_position_embeddings: context,
    hidden_act: 'silu',
    attention_bias: tensors.has('blk.0.attn_q.bias'),
    rms_norm_eps: metadata.number(`${prefix}.attention.layer_norm_rms_epsilon`),
    ...ropeOf(source, prefix, headDim),
  };
}

function gpt2({ metadata }: GgufFile): Record<string, unknown> {
  return {
    n_embd: metadata.number('gpt2.embedding_length'),
    n_inner: metadata.number('gpt2.feed_forward_length'),
    n_layer: metadata.number('gpt2.block_count'),
    n_head: metadata.number('gpt2.attention.head_count'),
    n_positions: metadata.number('gpt2.context_length'),
    layer_norm_epsilon: metadata.number('gpt2.attention.layer_norm_epsilon'),
    activation_function: 'gelu_new',
  };
}

function requireSame({ metadata, file }: GgufFile, key: string, expected: number): void {
  const value = metadata.optionalNumber(key) ?? expected;
  if (value !== expected && Number.isSafeInteger(expected))
    throw unimplemented(`${file}: ${key} is ${value}, but only ${expected} is supported`);
}

/** Keys of an architecture that change no number of the models that are read here. */
const HARMLESS = ['vocab_size', 'tensor_data_layout', 'attention.head_count_kv'];

/** As in config.json: a key that is not known may change the model's numbers, unless it switches nothing on. */
function requireKnownKeys({ metadata, file }: GgufFile, prefix: string): void {
  for (const [key, value] of metadata.others(`${prefix}.`)) {
    if (HARMLESS.includes(key.slice(prefix.length + 1)) || Number(value) === 0) continue;
    throw unimplemented(`${file}: ${key} is ${shown(String(value))}, a key that Hone does not know`);
  }
  const parts = metadata.optionalNumber('split.count') ?? 0;
  if (parts > 1) throw unimplemented(`${file}: split.count is ${parts}: join the model's files into one`);
}

function specialTokenIds(metadata: GgufMetadata): Record<string, unknown> {
  const endOfText = metadata.optionalNumber('tokenizer.ggml.eos_token_id');
  const endOfTurn = metadata.optionalNumber('tokenizer.ggml.eot_token_id');
  const ends = [...new Set([endOfText, endOfTurn].filter((id) => id !== null))];
  return {
    bos_token_id: metadata.optionalNumber('tokenizer.ggml.bos_token_id'),
    eos_token_id: ends.length > 1 ? ends : (ends[0] ?? null),
    pad_token_id: metadata.optionalNumber('tokenizer.ggml.padding_token_id'),
  };
}
