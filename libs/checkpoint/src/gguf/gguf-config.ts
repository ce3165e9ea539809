import { dataLoss, unimplemented } from '@hone/errors';
import type { GgufFile, GgufMetadata } from './gguf-file.ts';

/** What config.json and generation_config.json would say of the model in a GGUF file. */
export interface GgufConfig {
  readonly config: Record<string, unknown>;
  readonly generationConfig: Record<string, unknown>;
}

/** Writes a GGUF file's metadata as Hugging Face's configs, in the layout of published checkpoints. */
export function configFromGguf(source: GgufFile): GgufConfig {
  const { metadata, file, tensors } = source;
  const architecture = metadata.string('general.architecture');
  if (architecture !== 'llama') {
    throw unimplemented(`${file}: architecture is "${architecture}", but only "llama" is supported in GGUF`);
  }
  const embedding = tensors.get('token_embd.weight');
  if (!embedding) throw dataLoss(file, 'tensor token_embd.weight is missing');
  const hiddenSize = metadata.number('llama.embedding_length');
  const heads = metadata.number('llama.attention.head_count');
  const tokens = specialTokenIds(metadata);
  const config = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: hiddenSize,
    intermediate_size: metadata.number('llama.feed_forward_length'),
    num_hidden_layers: metadata.number('llama.block_count'),
    num_attention_heads: heads,
    num_key_value_heads: metadata.optionalNumber('llama.attention.head_count_kv') ?? heads,
    head_dim: metadata.optionalNumber('llama.attention.key_length') ?? hiddenSize / heads,
    vocab_size: embedding.shape[0],
    max_position_embeddings: metadata.number('llama.context_length'),
    tie_word_embeddings: !tensors.has('output.weight'),
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    rms_norm_eps: metadata.number('llama.attention.layer_norm_rms_epsilon'),
    rope_theta: metadata.optionalNumber('llama.rope.freq_base') ?? 10000,
    rope_scaling: ropeScaling(source),
    ...tokens,
    torch_dtype: 'float32',
  };
  return { config, generationConfig: tokens };
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

function ropeScaling({ metadata, file, tensors }: GgufFile): Record<string, unknown> | null {
  // Llama 3's scaling is stored as ready factors, from which its four parameters cannot be told with certainty.
  if (tensors.has('rope_freqs.weight')) {
    throw unimplemented(
      `${file}: its rotary scaling is not in the metadata; put the model's config.json beside the file`,
    );
  }
  const type = metadata.optionalString('llama.rope.scaling.type') ?? 'none';
  if (type === 'none') return null;
  if (type === 'linear') return { rope_type: 'linear', factor: metadata.number('llama.rope.scaling.factor') };
  throw unimplemented(`${file}: rotary scaling "${type}" is not supported`);
}
