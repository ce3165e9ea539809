/** Numbers of a part's rows that losses are made of, as part of the training graph. */
import type { Loss, Needs, Side } from '@hone/losses';
import type { TensorView } from '@hone/runtime';
import { tf, type TracedInput } from '@hone/tfjs-onnx';
import type { Row } from '../data/batch.ts';
import { floats } from '../data/pack.ts';
import type { PreferenceTerm } from '../types.ts';
import type { Size, Tensors } from './loss-graph.ts';

/** What of a log-prob, or of a log-ratio, a reward is. */
export const rewardScale = (term: PreferenceTerm | undefined): number => {
  const beta = term?.settings['beta'];
  return typeof beta === 'number' ? beta : 1;
};

/** What makes a sum over a completion's tokens a score: 1, or 1 / tokens where the loss takes means. */
export const scoreScale = ({ scores }: Needs, { completionTokenIds }: Pick<Row, 'completionTokenIds'>): number =>
  scores === 'mean' ? 1 / completionTokenIds.length : 1;

/** Inputs of the graph, of so many rows. */
export const rowInputs = ({ reference, tokens }: Needs, rows: Size): Record<string, TracedInput> => ({
  ...(reference && { reference_log_prob: { shape: [rows], dtype: 'float32' } }),
  ...(tokens && { completion_tokens: { shape: [rows], dtype: 'float32' } }),
  // What makes log-probs scores.
  score_scale: { shape: [rows], dtype: 'float32' },
});

/** Values of the inputs. */
export function rowFeeds(rows: readonly Row[], needs: Needs): Record<string, TensorView> {
  const perRow = (of: (row: Row) => number): TensorView => floats(Float32Array.from(rows, of));
  return {
    ...(needs.reference && { reference_log_prob: perRow((row) => row.referenceLogProb) }),
    ...(needs.tokens && { completion_tokens: perRow((row) => row.completionTokenIds.length) }),
    score_scale: perRow((row) => scoreScale(needs, row)),
  };
}

/** An input that a loss may read only where its needs name it. */
export function needed(
  { name, needs }: Loss,
  need: 'reference' | 'tokens' | 'kl',
  fed: Tensors,
  input: string,
): tf.Tensor {
  if (!needs[need]) throw new Error(`the loss ${name} reads ${need}, which its needs do not name`);
  return fed[input]!;
}

/** Numbers of each row, `[rows]`, made where they are read. */
export type RowNumbers = Readonly<Record<keyof Side, () => tf.Tensor>>;

/** From the summed log-probs of rows. */
export function rowNumbers(loss: Loss, logProbs: tf.Tensor1D, fed: Tensors): RowNumbers {
  const ratios = loss.needs.reference ? tf.sub(logProbs, fed['reference_log_prob']!) : logProbs;
  const scores = tf.mul(ratios, fed['score_scale']!);
  return {
    score: () => scores,
    logProb: () => logProbs,
    reference: () => needed(loss, 'reference', fed, 'reference_log_prob'),
    tokens: () => needed(loss, 'tokens', fed, 'completion_tokens'),
  };
}

/** The numbers of these rows; only what the loss reads gets into the graph. */
export function sideOf(of: RowNumbers, rows: tf.Tensor): Side {
  const gathered = (key: keyof Side): tf.Tensor1D => tf.gather(of[key]() as tf.Tensor1D, rows as tf.Tensor1D);
  return {
    get score() {
      return gathered('score');
    },
    get logProb() {
      return gathered('logProb');
    },
    get reference() {
      return gathered('reference');
    },
    get tokens() {
      return gathered('tokens');
    },
  };
}
