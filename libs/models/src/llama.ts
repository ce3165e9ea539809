/**
 * The Llama family (Touvron et al., arXiv 2302.13971 and 2307.09288): RMSNorm, rotary embedding, grouped-query attention,
 * a gated feed-forward, tied or untied embeddings; and those that differ little from it: Mistral (arXiv 2310.06825), Qwen2 with biases
 * (arXiv 2407.10671), Qwen3 with normalised queries and keys (arXiv 2505.09388). Which of these a model has, its weights show.
 */
import type { ModelConfig } from '@hone/checkpoint';
import { boundary, rmsNorm, rope, tf } from '@hone/tfjs-onnx';
import { activate } from './activation.ts';
import type { Attention, DecoderInput, ModelFamily, WeightTensors } from './family.ts';
import { JOINED } from './joined-weights.ts';
import { rotaryTables, type RotaryTable } from './rotary.ts';

/** One layer's weights by the part of their names behind the layer's. */
class Layer {
  constructor(
    private readonly config: ModelConfig,
    private readonly weights: WeightTensors,
    private readonly prefix: string,
  ) {}

  private find(name: string): tf.Tensor | undefined {
    return this.weights[`${this.prefix}.${name}`];
  }

  norm(name: string, x: tf.Tensor2D): tf.Tensor2D {
    return rmsNorm(x, this.find(`${name}.weight`) as tf.Tensor1D, this.config.normEps);
  }

  /** x @ weightᵀ, plus the bias where there is one. */
  project(name: string, x: tf.Tensor2D): tf.Tensor2D {
    const projected: tf.Tensor2D = tf.matMul(x, this.find(`${name}.weight`) as tf.Tensor2D, false, true);
    const bias = this.find(`${name}.bias`);
    return bias ? tf.add(projected, bias) : projected;
  }

  /** Several projections of the same input, in one product where their weights are joined. */
  projectAll(joined: keyof typeof JOINED, x: tf.Tensor2D): tf.Tensor2D[] {
    const weight = this.find(`${joined}.weight`);
    if (!weight) return JOINED[joined].map((name) => this.project(name, x));
    const sizes = JOINED[joined].map((name) => this.find(`${name}.weight`)!.shape[0]!);
    return tf.split(tf.matMul(x, weight as tf.Tensor2D, false, true), sizes, 1);
  }

  /** Each head's vector normalised, where the family does that. `[batch, length, heads, headDim]`, before rotation. */
  headNorm(name: string, x: tf.Tensor4D): tf.Tensor4D {
    if (!this.find(`${name}.weight`)) return x;
    const [batch, length, heads, headDim] = x.shape;
    const rows = tf.reshape(x, [batch * length * heads, headDim]) as tf.Tensor2D;
    return tf.reshape(this.norm(name, rows), x.shape) as tf.Tensor4D;
  }
}

function decoder(config: ModelConfig, weights: WeightTensors, input: DecoderInput, attention: Attention): tf.Tensor2D {
  const rotary = rotaryTables(config, input.positions);
  let hidden = tf.gather(weights['model.embed_tokens.weight'] as tf.Tensor2D, input.tokenIds) as tf.Tensor2D;
  for (let index = 0; index < config.numLayers; index++) {
    hidden = boundary(hidden);
    const layer = new Layer(config, weights, `model.layers.${index}`);
    const heads = (projected: tf.Tensor2D): tf.Tensor4D =>
      tf.reshape(projected, [input.batch, input.length, projected.shape[1] / config.headDim, config.headDim]);
    const headsFirst = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 2, 1, 3]);
    const turned = (x: tf.Tensor4D, { cos, sin }: RotaryTable): tf.Tensor4D => rope(headsFirst(x), cos, sin);
    const x = layer.norm('input_layernorm', hidden);
    const [q, k, v] = layer.projectAll('self_attn.qkv_proj', x).map(heads) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    const query = turned(layer.headNorm('self_attn.q_norm', q), rotary.query);
    const key = turned(layer.headNorm('self_attn.k_norm', k), rotary.key);
    const attended = attention(index, query, key, headsFirst(v));
    const rows = [input.batch * input.length, config.numAttentionHeads * config.headDim] as [number, number];
    hidden = tf.add(hidden, layer.project('self_attn.o_proj', tf.reshape(headsFirst(attended), rows)));
    hidden = tf.add(hidden, feedForward(config, layer, layer.norm('post_attention_layernorm', hidden)));
  }
  return boundary(hidden);
}

function feedForward({ activation }: ModelConfig, layer: Layer, x: tf.Tensor2D): tf.Tensor2D {
  const [gate, up] = layer.projectAll('mlp.gate_up_proj', x) as [tf.Tensor2D, tf.Tensor2D];
  return layer.project('mlp.down_proj', tf.mul(activate(activation, gate), up));
}

export const llama: ModelFamily = {
  decoder,
  finalNorm: ({ normEps }, weights, hidden) => rmsNorm(hidden, weights['model.norm.weight'] as tf.Tensor1D, normEps),
  embedding: 'model.embed_tokens.weight',
};
