/**
 * GPT-2 (Radford et al. 2019): LayerNorm before attention and feed-forward, learned positions, biases everywhere. Its projections
 * are stored `[in, out]`.
 */
import type { ModelConfig } from '@hone/checkpoint';
import { boundary, tf } from '@hone/tfjs-onnx';
import { activate } from '../activation.ts';
import type { Attention, DecoderInput, DecoderDefinition, WeightTensors } from '../decoder-definition.ts';

/** (x - mean) / sqrt(variance + epsilon) * weight + bias over the last axis (Ba et al., arXiv 1607.06450). */
function layerNorm(config: ModelConfig, weights: WeightTensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  const normalised = tf.div(centred, tf.sqrt(tf.add(variance, config.normEps)));
  return tf.add(tf.mul(normalised, weights[`${name}.weight`]!), weights[`${name}.bias`]!);
}

const project = (weights: WeightTensors, name: string, x: tf.Tensor2D): tf.Tensor2D =>
  tf.add(tf.matMul(x, weights[`${name}.weight`] as tf.Tensor2D), weights[`${name}.bias`]!);

function embed(weights: WeightTensors, { tokenIds, positions, batch, length }: DecoderInput): tf.Tensor2D {
  const table = (name: string): tf.Tensor2D => weights[`transformer.${name}.weight`] as tf.Tensor2D;
  const tokens = tf.gather(table('wte'), tokenIds) as tf.Tensor2D;
  const embedded = tf.gather(table('wpe'), tf.reshape(positions, [positions.shape[0] * length]) as tf.Tensor1D);
  if (positions.shape[0] === batch) return tf.add(tokens, embedded);
  const [, hidden] = tokens.shape;
  return tf.reshape(tf.add(tf.reshape(tokens, [batch, length, hidden]), embedded), tokens.shape);
}

function decoder(config: ModelConfig, weights: WeightTensors, input: DecoderInput, attention: Attention): tf.Tensor2D {
  const { numAttentionHeads: heads, headDim, hiddenSize } = config;
  const headsFirst = (x: tf.Tensor): tf.Tensor4D =>
    tf.transpose(tf.reshape(x, [input.batch, input.length, heads, headDim]), [0, 2, 1, 3]) as tf.Tensor4D;
  let hidden = embed(weights, input);
  for (let layer = 0; layer < config.numLayers; layer++) {
    hidden = boundary(hidden);
    const block = `transformer.h.${layer}`;
    const projected = project(weights, `${block}.attn.c_attn`, layerNorm(config, weights, `${block}.ln_1`, hidden));
    const [query, key, value] = tf.split(projected, 3, 1).map(headsFirst) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    const attended = attention(layer, tf.mul(query, config.layers[layer]!.scale), key, value);
    const rows = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [input.batch * input.length, hiddenSize]);
    hidden = tf.add(hidden, project(weights, `${block}.attn.c_proj`, rows as tf.Tensor2D));
    const inner = project(weights, `${block}.mlp.c_fc`, layerNorm(config, weights, `${block}.ln_2`, hidden));
    hidden = tf.add(hidden, project(weights, `${block}.mlp.c_proj`, activate(config.activation, inner)));
  }
  return boundary(hidden);
}

export const gpt2: DecoderDefinition = {
  kind: 'gpt2',
  decoder,
  finalNorm: (config, weights, hidden) => layerNorm(config, weights, 'transformer.ln_f', hidden),
  embedding: 'transformer.wte.weight',
};
