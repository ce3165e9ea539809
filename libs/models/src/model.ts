/** A model of any family. */
import type { ModelConfig } from '@hone/checkpoint';
import { tf } from '@hone/tfjs-onnx';
import type { Attention, DecoderInput, ModelFamily, WeightTensors } from './family.ts';
import { gpt2 } from './gpt2.ts';
import { llama } from './llama.ts';

const familyOf = ({ architecture }: ModelConfig): ModelFamily => (architecture === 'gpt2' ? gpt2 : llama);

/** See ModelFamily. */
export const decoder = (
  config: ModelConfig,
  weights: WeightTensors,
  input: DecoderInput,
  attention: Attention,
): tf.Tensor2D => familyOf(config).decoder(config, weights, input, attention);

/** See ModelFamily. */
export const finalNorm = (config: ModelConfig, weights: WeightTensors, hidden: tf.Tensor2D): tf.Tensor2D =>
  familyOf(config).finalNorm(config, weights, hidden);

/** The output head `[vocab, hidden]`. */
export function outputHead(config: ModelConfig, weights: WeightTensors): tf.Tensor2D {
  return weights[config.tieWordEmbeddings ? familyOf(config).embedding : 'lm_head.weight'] as tf.Tensor2D;
}

/** Logits `[rows, vocab]` of rows of the residual stream. */
export function outputLogits(config: ModelConfig, weights: WeightTensors, hidden: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(finalNorm(config, weights, hidden), outputHead(config, weights), false, true);
}
