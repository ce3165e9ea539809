import { unimplemented } from '@hone/errors';
import type { GgufFile } from './gguf-file.ts';
import { ropeOf } from './gguf-rope.ts';

/**
 * What config.json says of a model that is built as Llama is, from metadata whose keys begin with `prefix`. Where a part of each head may
 * be turned, `partial_rotary_factor` says how much.
 */
export function llamaLikeMetadata(source: GgufFile, prefix: string, turnsPart: boolean): Record<string, unknown> {
  const { metadata, tensors } = source;
  const hiddenSize = metadata.number(`${prefix}.embedding_length`);
  const heads = metadata.number(`${prefix}.attention.head_count`);
  const headDim = metadata.optionalNumber(`${prefix}.attention.key_length`) ?? hiddenSize / heads;
  const context = metadata.number(`${prefix}.context_length`);
  requireSame(source, `${prefix}.attention.value_length`, headDim);
  const turned = metadata.optionalNumber(`${prefix}.rope.dimension_count`) ?? headDim;
  if (!turnsPart) requireSame(source, `${prefix}.rope.dimension_count`, headDim);
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
    partial_rotary_factor: turned === headDim ? undefined : partOf(turned, headDim),
    ...ropeOf(source, prefix, headDim),
  };
}

/** A factor that, multiplied by the whole and rounded down as Transformers does, gives the part. */
const partOf = (part: number, whole: number): number =>
  Math.trunc((part / whole) * whole) === part ? part / whole : (part + 0.5) / whole;

function requireSame({ metadata, file }: GgufFile, key: string, expected: number): void {
  const value = metadata.optionalNumber(key) ?? expected;
  if (value !== expected && Number.isSafeInteger(expected))
    throw unimplemented(`${file}: ${key} is ${value}, but only ${expected} is supported`);
}
