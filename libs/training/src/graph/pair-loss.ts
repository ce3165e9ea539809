/** A loss on pairs as part of the training graph. */
import type { Loss } from '@hone/losses';
import { tf } from '@hone/tfjs-onnx';
import { floats, ints } from '../data/pack.ts';
import type { LossGraph } from './loss-graph.ts';
import { rowFeeds, rowInputs, rowNumbers, sideOf } from './row-numbers.ts';

type PairLoss = Loss & Required<Pick<Loss, 'perPair'>>;

export const pairGraph = (loss: PairLoss, settings: object): LossGraph => ({
  inputs: ({ rows, items }) => ({
    ...rowInputs(loss.needs, rows),
    chosen: { shape: [items], dtype: 'int32' },
    rejected: { shape: [items], dtype: 'int32' },
    pair_weight: { shape: [items], dtype: 'float32' },
  }),
  feeds: ({ rows, pairs }) => ({
    ...rowFeeds(rows, loss.needs),
    chosen: ints(Int32Array.from(pairs, (pair) => pair.chosen)),
    rejected: ints(Int32Array.from(pairs, (pair) => pair.rejected)),
    pair_weight: floats(Float32Array.from(pairs, (pair) => pair.weight)),
  }),
  sum(logProbs, fed) {
    const rows = rowNumbers(loss, logProbs.ofRows, fed);
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
