/** A loss on pairs as part of the training graph. */
import type { Loss } from '@hone/losses';
import { tf } from '@hone/tfjs-onnx';
import { floats, ints } from '../data/pack.ts';
import type { LossGraph } from './loss-graph.ts';
import { rowNumbers, sideOf } from './row-numbers.ts';

type PairLoss = Loss & Required<Pick<Loss, 'perPair'>>;

export const pairGraph = (loss: PairLoss, settings: object): LossGraph => ({
  inputs: (pairs) => ({
    chosen: { shape: [pairs], dtype: 'int32' },
    rejected: { shape: [pairs], dtype: 'int32' },
    pair_weight: { shape: [pairs], dtype: 'float32' },
  }),
  feeds: ({ pairs }) => ({
    chosen: ints(Int32Array.from(pairs, (pair) => pair.chosen)),
    rejected: ints(Int32Array.from(pairs, (pair) => pair.rejected)),
    pair_weight: floats(Float32Array.from(pairs, (pair) => pair.weight)),
  }),
  sum(logProbs, fed) {
    const rows = rowNumbers(loss, logProbs, fed);
    const [chosen, rejected] = [sideOf(rows, fed['chosen']!), sideOf(rows, fed['rejected']!)];
    const pairs = {
      chosen,
      rejected,
      get margin() {
        return tf.sub(chosen.score, rejected.score) as tf.Tensor1D;
      },
    };
    return tf.sum(tf.mul(loss.perPair(tf, pairs, settings as never), fed['pair_weight']!));
  },
});
