/** A loss on the tokens of completions with advantages as part of the training graph. */
import type { Loss } from '@hone/losses';
import { tf } from '@hone/tfjs-onnx';
import type { BatchPart, RowLabel } from '../data/batch.ts';
import { floats } from '../data/pack.ts';
import type { LossGraph } from './loss-graph.ts';

type TokenLoss = Loss & Required<Pick<Loss, 'perToken'>>;

/** Numbers of the tokens of all rows, row by row, as targets lie in the graph. */
function perToken({ rows, labels }: BatchPart, of: (label: RowLabel, tokens: number) => ArrayLike<number>) {
  const labelOf = new Map(labels.map((label) => [label.row, label]));
  return floats(
    Float32Array.from(
      rows.flatMap(({ completionTokenIds }, row) => Array.from(of(labelOf.get(row)!, completionTokenIds.length))),
    ),
  );
}

const repeated = (value: number, times: number): Float32Array => new Float32Array(times).fill(value);

export const tokenGraph = (loss: TokenLoss, settings: object): LossGraph => ({
  inputs: ({ targets }) => ({
    old_token_log_prob: { shape: [targets], dtype: 'float32' },
    reference_token_log_prob: { shape: [targets], dtype: 'float32' },
    advantage: { shape: [targets], dtype: 'float32' },
    token_weight: { shape: [targets], dtype: 'float32' },
  }),
  feeds: (part) => ({
    old_token_log_prob: perToken(part, ({ row }) => part.rows[row]!.tokenLogProbs!.old),
    reference_token_log_prob: perToken(part, ({ row }) => part.rows[row]!.tokenLogProbs!.reference),
    advantage: perToken(part, ({ advantage }, length) => repeated(advantage, length)),
    token_weight: perToken(part, ({ weight }, length) => repeated(weight, length)),
  }),
  sum(logProbs, fed) {
    const tokens = {
      logProb: logProbs.ofTokens,
      old: fed['old_token_log_prob'],
      reference: fed['reference_token_log_prob'],
      advantage: fed['advantage'],
    };
    return tf.sum(tf.mul(loss.perToken(tf, tokens as never, settings as never), fed['token_weight']!));
  },
});
