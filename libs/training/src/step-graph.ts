/**
 * The training-step graph: forward, loss and the gradient of every weight, for any number of rows, length, targets and pairs in
 * one session. Only the completions' positions go through the output head, so that `[tokens, vocab]` is never held for prompts
 * or padding.
 */
import { causalAttention, decoder, outputLogits, rotaryTables, type WeightTensors } from '@hone/models';
import type { ModelConfig, Weights } from '@hone/checkpoint';
import { sumSegments, symbolSizes, tf, tokenLogProb, trace, type OnnxModel, type TracedInput } from '@hone/tfjs-onnx';
import { preferenceLosses } from './preference-term.ts';
import type { PreferenceTerm } from './types.ts';

const symbols = symbolSizes('rows', 'length', 'targets', 'pairs');
const { rows, length, targets, pairs } = symbols;

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Name of the output that is a weight's gradient. */
export const gradientName = (weight: string): string => `gradient.${weight}`;

const sequenceInputs: Record<string, TracedInput> = {
  // Right-padded prompt + completion.
  input_ids: { shape: [rows, length], dtype: 'int32' },
  positions: { shape: [1, length], dtype: 'int32' },
  // 0 where a position sees another, else a large negative number.
  causal_mask: { shape: [length, length], dtype: 'float32' },
  // Of each completion token: the flattened position that predicts it, its id, and its row.
  target_index: { shape: [targets], dtype: 'int32' },
  target_label: { shape: [targets], dtype: 'int32' },
  target_row: { shape: [targets], dtype: 'int32' },
};
const lossInputs: Record<string, TracedInput> = { nll_weight: { shape: [rows], dtype: 'float32' } };
const pairInputs: Record<string, TracedInput> = {
  reference_log_prob: { shape: [rows], dtype: 'float32' },
  // What makes log-probs scores: 1, or 1 / tokens where the loss is normalised by length.
  score_scale: { shape: [rows], dtype: 'float32' },
  chosen: { shape: [pairs], dtype: 'int32' },
  rejected: { shape: [pairs], dtype: 'int32' },
  pair_weight: { shape: [pairs], dtype: 'float32' },
};

function weightInputs({ specs }: Pick<Weights, 'specs'>): Record<string, TracedInput> {
  return Object.fromEntries(specs.map(({ name, shape }) => [name, { shape, dtype: 'float32' }]));
}

/** Summed log-prob of each row's completion: `[rows]`. */
function sequenceLogProbs(config: ModelConfig, weights: WeightTensors, fed: Tensors): tf.Tensor1D {
  const rotary = rotaryTables(config, fed['positions'] as tf.Tensor2D);
  const tokenIds = tf.reshape(fed['input_ids']!, [rows * length]) as tf.Tensor1D;
  const attention = causalAttention(config, fed['causal_mask'] as tf.Tensor2D);
  const hidden = decoder(config, weights, { tokenIds, batch: rows, length, rotary }, attention);
  const predicting = tf.gather(hidden, fed['target_index'] as tf.Tensor1D) as tf.Tensor2D;
  const logProbs = tokenLogProb(outputLogits(config, weights, predicting), fed['target_label'] as tf.Tensor1D);
  return sumSegments(logProbs, fed['target_row'] as tf.Tensor1D, rows);
}

/** sum over pairs of weight * loss. */
function preferenceTerm(term: PreferenceTerm, logProbs: tf.Tensor1D, fed: Tensors): tf.Scalar {
  const scores = tf.mul(tf.sub(logProbs, fed['reference_log_prob']!), fed['score_scale']!);
  const margins: tf.Tensor1D = tf.sub(
    tf.gather(scores, fed['chosen'] as tf.Tensor1D),
    tf.gather(scores, fed['rejected'] as tf.Tensor1D),
  );
  return tf.sum(tf.mul(preferenceLosses(term, margins), fed['pair_weight']!));
}

/**
 * Outputs `nll` and, unless the preference is `none`, `preference` (weighted sums), `log_probs [rows]`, and a gradient for every
 * weight of `preference + nll`.
 */
export function buildStepGraph(config: ModelConfig, weights: Pick<Weights, 'specs'>, term: PreferenceTerm): OnnxModel {
  const inputs = {
    ...sequenceInputs,
    ...lossInputs,
    ...(term.preference === 'none' ? {} : pairInputs),
    ...weightInputs(weights),
  };
  return trace({ inputs, symbols }, (fed) => {
    const outputs: Record<string, tf.Tensor> = {};
    // Values within a differentiated function are let go of at its end unless they are kept.
    const output = (name: string, tensor: tf.Tensor): void => void (outputs[name] = tf.keep(tensor));
    const names = weights.specs.map(({ name }) => name);
    const loss = (...tensors: tf.Tensor[]): tf.Scalar => {
      const byName = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
      const logProbs = sequenceLogProbs(config, byName, fed);
      const nll = tf.neg(tf.sum(tf.mul(logProbs, fed['nll_weight']!))) as tf.Scalar;
      output('log_probs', logProbs);
      output('nll', nll);
      if (term.preference === 'none') return nll;
      const preference = preferenceTerm(term, logProbs, fed);
      output('preference', preference);
      return tf.add(preference, nll);
    };
    const { grads } = tf.valueAndGrads(loss)(names.map((name) => fed[name]!));
    names.forEach((name, i) => (outputs[gradientName(name)] = grads[i]!));
    return outputs;
  });
}

/** Only the forward pass: `log_probs [rows]`. For reference log-probs. */
export function buildLogProbGraph(config: ModelConfig, weights: Pick<Weights, 'specs'>): OnnxModel {
  return trace({ inputs: { ...sequenceInputs, ...weightInputs(weights) }, symbols }, (fed) => ({
    log_probs: sequenceLogProbs(config, fed, fed),
  }));
}
