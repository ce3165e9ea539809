/** A model of any family. */
import { familyOf, type ModelConfig } from '@hone/checkpoint';
import { internal } from '@hone/errors';
import { tf } from '@hone/tfjs-onnx';
import type { Attention, DecoderInput, DecoderDefinition, WeightTensors } from './decoder-definition.ts';
import * as found from './generated/decoders.ts';

/** Every file of decoders/. */
const DEFINITIONS = Object.values<DecoderDefinition>(found);

/** The definition that the model's family names. */
function definitionOf(config: ModelConfig): DecoderDefinition {
  const { decoder } = familyOf(config);
  const name = decoder.kind === 'own' ? decoder.name : decoder.kind;
  const definition = DEFINITIONS.find(({ kind }) => kind === name);
  if (!definition) throw internal(`no decoder of the kind ${name} is defined`);
  return definition;
}

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
