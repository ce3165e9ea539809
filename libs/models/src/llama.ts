/**
 * The Llama family (Touvron et al., arXiv 2302.13971 and 2307.09288): RMSNorm, rotary embedding, grouped-query attention,
 * SwiGLU, tied or untied embeddings. Written once, in plain tfjs with fused kernels; how attention finds its keys and values
 * is handed in, which makes the same definition serve training and decoding.
 */
import type { ModelConfig } from '@hone/checkpoint';
import { rmsNorm, rope, silu, tf } from '@hone/tfjs-onnx';
import type { RotaryTables } from './rotary.ts';

/** Weights by Hugging Face name; linear ones are `[out, in]`. */
export type WeightTensors = Readonly<Record<string, tf.Tensor>>;

/**
 * Attention of one layer. query `[batch, heads, seq, headDim]` and key `[batch, kvHeads, seq, headDim]` are rotated, query is
 * divided by sqrt(headDim), value has key's shape; gives `[batch, heads, seq, headDim]`.
 */
export type Attention = (layer: number, query: tf.Tensor4D, key: tf.Tensor4D, value: tf.Tensor4D) => tf.Tensor4D;

export interface DecoderInput {
  /** Token ids `[batch * seq]`, int32. */
  readonly tokenIds: tf.Tensor1D;
  readonly batch: number;
  readonly length: number;
  readonly rotary: RotaryTables;
}

/** x @ weightᵀ. */
const linear = (x: tf.Tensor2D, weight: tf.Tensor | undefined): tf.Tensor2D =>
  tf.matMul(x, weight as tf.Tensor2D, false, true);

/** The residual stream behind the last layer, before the final norm: `[batch * seq, hidden]`. */
export function decoder(
  config: ModelConfig,
  weights: WeightTensors,
  input: DecoderInput,
  attention: Attention,
): tf.Tensor2D {
  let hidden = tf.gather(weights['model.embed_tokens.weight'] as tf.Tensor2D, input.tokenIds) as tf.Tensor2D;
  for (let layer = 0; layer < config.numLayers; layer++) {
    const weight = (name: string): tf.Tensor => weights[`model.layers.${layer}.${name}.weight`]!;
    const norm = (name: string): tf.Tensor2D => rmsNorm(hidden, weight(name) as tf.Tensor1D, config.rmsNormEps);
    hidden = tf.add(hidden, selfAttention(config, weight, norm('input_layernorm'), input, layer, attention));
    hidden = tf.add(hidden, feedForward(weight, norm('post_attention_layernorm')));
  }
  return hidden;
}

function selfAttention(
  config: ModelConfig,
  weight: (name: string) => tf.Tensor,
  x: tf.Tensor2D,
  { batch, length, rotary }: DecoderInput,
  layer: number,
  attention: Attention,
): tf.Tensor2D {
  const { numAttentionHeads, numKeyValueHeads, headDim } = config;
  const heads = (name: string, count: number): tf.Tensor4D => {
    const projected = tf.reshape(linear(x, weight(`self_attn.${name}`)), [batch, length, count, headDim]);
    return tf.transpose(projected, [0, 2, 1, 3]) as tf.Tensor4D;
  };
  const query = rope(heads('q_proj', numAttentionHeads), rotary.query.cos, rotary.query.sin);
  const key = rope(heads('k_proj', numKeyValueHeads), rotary.key.cos, rotary.key.sin);
  const attended = attention(layer, query, key, heads('v_proj', numKeyValueHeads));
  const rows = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [batch * length, numAttentionHeads * headDim]);
  return linear(rows as tf.Tensor2D, weight('self_attn.o_proj'));
}

function feedForward(weight: (name: string) => tf.Tensor, x: tf.Tensor2D): tf.Tensor2D {
  const gate = silu(linear(x, weight('mlp.gate_proj')));
  return linear(tf.mul(gate, linear(x, weight('mlp.up_proj'))), weight('mlp.down_proj'));
}

/** What the output head is applied to: rows of the residual stream behind the final norm. */
export function finalNorm(config: ModelConfig, weights: WeightTensors, hidden: tf.Tensor2D): tf.Tensor2D {
  return rmsNorm(hidden, weights['model.norm.weight'] as tf.Tensor1D, config.rmsNormEps);
}

/** The output head `[vocab, hidden]`. */
export function outputHead(config: ModelConfig, weights: WeightTensors): tf.Tensor2D {
  return weights[config.tieWordEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight'] as tf.Tensor2D;
}

/** Logits `[rows, vocab]` of rows of the residual stream. */
export function outputLogits(config: ModelConfig, weights: WeightTensors, hidden: tf.Tensor2D): tf.Tensor2D {
  return linear(finalNorm(config, weights, hidden), outputHead(config, weights));
}
