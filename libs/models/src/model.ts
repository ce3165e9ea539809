/** A model of any family. */
import { familyOf, type Decoder, type ModelConfig } from '@hone/checkpoint';
import { tf } from '@hone/tfjs-onnx';
import type { Attention, DecoderInput, DecoderDefinition, WeightTensors } from './decoder-definition.ts';
import { gpt2 } from './gpt2.ts';
import { llama } from './llama.ts';

/** The definitions, by the kind that a family names. */
const DEFINITIONS: Readonly<Record<Decoder['kind'], DecoderDefinition>> = { llama, gpt2 };

const definitionOf = (config: ModelConfig): DecoderDefinition => DEFINITIONS[familyOf(config).decoder.kind];

/** See DecoderDefinition. */
export const decoder = (
  config: ModelConfig,
  weights: WeightTensors,
  input: DecoderInput,
  attention: Attention,
): tf.Tensor2D => definitionOf(config).decoder(config, weights, input, attention);

/** See DecoderDefinition. */
export const finalNorm = (config: ModelConfig, weights: WeightTensors, hidden: tf.Tensor2D): tf.Tensor2D =>
  definitionOf(config).finalNorm(config, weights, hidden);

/** The output head `[vocab, hidden]`. */
export function outputHead(config: ModelConfig, weights: WeightTensors): tf.Tensor2D {
  return weights[config.tieWordEmbeddings ? definitionOf(config).embedding : 'lm_head.weight'] as tf.Tensor2D;
}

/** Logits `[rows, vocab]` of rows of the residual stream. */
export function outputLogits(config: ModelConfig, weights: WeightTensors, hidden: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(finalNorm(config, weights, hidden), outputHead(config, weights), false, true);
}
