/** A loss on pairs as part of the training graph: what it is fed, and its sum over the pairs. */
import type { Loss, Needs, Side } from '@hone/losses';
import type { TensorView } from '@hone/runtime';
import { tf, type TracedInput } from '@hone/tfjs-onnx';
import type { BatchPart, Row } from '../data/batch.ts';
import { floats, ints } from '../data/pack.ts';
import type { PreferenceTerm } from '../types.ts';

type Tensors = Readonly<Record<string, tf.Tensor>>;
type Size = TracedInput['shape'][number];

/** A term that has a value for each pair; others leave the NLL alone. */
export type PairTerm = PreferenceTerm & { readonly loss: Loss & Required<Pick<Loss, 'perPair'>> };

/** The term, where it has a value for each pair. */
export const pairTermOf = (term: PreferenceTerm | undefined): PairTerm | undefined =>
  term?.loss.perPair ? (term as PairTerm) : undefined;

/** What of a log-prob, or of a log-ratio, a reward is. */
export const rewardScale = (term: PreferenceTerm | undefined): number => {
  const beta = term?.settings['beta'];
  return typeof beta === 'number' ? beta : 1;
};

/** What makes a sum over a completion's tokens a score: 1, or 1 / tokens where the loss takes means. */
export const scoreScale = ({ scores }: Needs, { completionTokenIds }: Pick<Row, 'completionTokenIds'>): number =>
  scores === 'mean' ? 1 / completionTokenIds.length : 1;

/** Inputs of the graph, of these sizes. */
export const pairInputs = ({ reference, tokens }: Needs, rows: Size, pairs: Size): Record<string, TracedInput> => ({
  ...(reference && { reference_log_prob: { shape: [rows], dtype: 'float32' } }),
  ...(tokens && { completion_tokens: { shape: [rows], dtype: 'float32' } }),
  // What makes log-probs scores.
  score_scale: { shape: [rows], dtype: 'float32' },
  chosen: { shape: [pairs], dtype: 'int32' },
  rejected: { shape: [pairs], dtype: 'int32' },
  pair_weight: { shape: [pairs], dtype: 'float32' },
});

/** Values of the inputs. */
export function pairFeeds({ rows, pairs }: BatchPart, { loss: { needs } }: PairTerm): Record<string, TensorView> {
  const perRow = (of: (row: Row) => number): TensorView => floats(Float32Array.from(rows, of));
  return {
    ...(needs.reference && { reference_log_prob: perRow((row) => row.referenceLogProb) }),
    ...(needs.tokens && { completion_tokens: perRow((row) => row.completionTokenIds.length) }),
    score_scale: perRow((row) => scoreScale(needs, row)),
    chosen: ints(Int32Array.from(pairs, (pair) => pair.chosen)),
    rejected: ints(Int32Array.from(pairs, (pair) => pair.rejected)),
    pair_weight: floats(Float32Array.from(pairs, (pair) => pair.weight)),
  };
}

/** Numbers of rows as those of one side of the pairs; only what the loss reads gets into the graph. */
function sideOf(of: Readonly<Record<keyof Side, () => tf.Tensor>>, rows: tf.Tensor): Side {
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

/** sum over pairs of weight * loss, from the summed log-probs of rows. */
export function sumOfPairs({ loss, settings }: PairTerm, logProbs: tf.Tensor1D, fed: Tensors): tf.Scalar {
  const needed = (need: 'reference' | 'tokens', input: string) => (): tf.Tensor => {
    if (!loss.needs[need]) throw new Error(`the loss ${loss.name} reads ${need}, which its needs do not name`);
    return fed[input]!;
  };
  const ratios = loss.needs.reference ? tf.sub(logProbs, fed['reference_log_prob']!) : logProbs;
  const scores = tf.mul(ratios, fed['score_scale']!);
  const rows = {
    score: () => scores,
    logProb: () => logProbs,
    reference: needed('reference', 'reference_log_prob'),
    tokens: needed('tokens', 'completion_tokens'),
  };
  const [chosen, rejected] = [sideOf(rows, fed['chosen']!), sideOf(rows, fed['rejected']!)];
  const pairs = {
    chosen,
    rejected,
    get margin() {
      return tf.sub(chosen.score, rejected.score) as tf.Tensor1D;
    },
  };
  return tf.sum(tf.mul(loss.perPair(tf, pairs, settings as never), fed['pair_weight']!));
}
