/** OPT's computation: LayerNorm before attention and feed-forward, learned positions, biases everywhere (arXiv 2205.01068). */
import type { ModelConfig } from '@hone/checkpoint';
import { activate, type Attention, type DecoderDefinition, type DecoderInput, type WeightTensors } from '@hone/models';
import { boundary, tf } from '@hone/tfjs-onnx';

/** Rows of the table of positions in front of that of position 0. */
const OFFSET = 2;

/** (x - mean) / sqrt(variance + epsilon) * weight + bias over the last axis (Ba et al., arXiv 1607.06450). */
function layerNorm({ normEps }: ModelConfig, weights: WeightTensors, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  const normalised = tf.div(centred, tf.sqrt(tf.add(variance, normEps)));
  return tf.add(tf.mul(normalised, weights[`${name}.weight`]!), weights[`${name}.bias`]!);
}

/** x @ weightᵀ + bias. */
const project = (weights: WeightTensors, name: string, x: tf.Tensor2D): tf.Tensor2D =>
  tf.add(tf.matMul(x, weights[`${name}.weight`] as tf.Tensor2D, false, true), weights[`${name}.bias`]!);

function embed(weights: WeightTensors, { tokenIds, positions, batch, length }: DecoderInput): tf.Tensor2D {
  const table = (name: string): tf.Tensor2D => weights[`model.decoder.${name}.weight`] as tf.Tensor2D;
  const tokens = tf.gather(table('embed_tokens'), tokenIds) as tf.Tensor2D;
  const rows = tf.add(tf.reshape(positions, [positions.shape[0] * length]), tf.scalar(OFFSET, 'int32'));
  const places = tf.gather(table('embed_positions'), rows as tf.Tensor1D) as tf.Tensor2D;
  if (positions.shape[0] === batch) return tf.add(tokens, places);
  // One row of positions for the whole batch.
  const [, hidden] = tokens.shape;
  return tf.reshape(tf.add(tf.reshape(tokens, [batch, length, hidden]), places), tokens.shape);
}

function decoder(config: ModelConfig, weights: WeightTensors, input: DecoderInput, attention: Attention): tf.Tensor2D {
  const { numAttentionHeads: heads, headDim, hiddenSize } = config;
  const headsFirst = (x: tf.Tensor): tf.Tensor4D =>
    tf.transpose(tf.reshape(x, [input.batch, input.length, heads, headDim]), [0, 2, 1, 3]) as tf.Tensor4D;
  let hidden = embed(weights, input);
  for (let index = 0; index < config.numLayers; index++) {
    hidden = boundary(hidden);
    const layer = `model.decoder.layers.${index}`;
    const x = layerNorm(config, weights, `${layer}.self_attn_layer_norm`, hidden);
    const [query, key, value] = ['q_proj', 'k_proj', 'v_proj'].map((name) =>
      headsFirst(project(weights, `${layer}.self_attn.${name}`, x)),
    ) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    const attended = attention(index, tf.mul(query, config.layers[index]!.scale), key, value);
    const rows = tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [input.batch * input.length, hiddenSize]);
    hidden = tf.add(hidden, project(weights, `${layer}.self_attn.out_proj`, rows as tf.Tensor2D));
    const inner = project(weights, `${layer}.fc1`, layerNorm(config, weights, `${layer}.final_layer_norm`, hidden));
    hidden = tf.add(hidden, project(weights, `${layer}.fc2`, activate(config.activation, inner)));
  }
  return boundary(hidden);
}

export const opt: DecoderDefinition = {
  kind: 'opt',
  decoder,
  finalNorm: (config, weights, hidden) => layerNorm(config, weights, 'model.decoder.final_layer_norm', hidden),
  embedding: 'model.decoder.embed_tokens.weight',
};
