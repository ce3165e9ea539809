/** A loss on labelled completions as part of the training graph. */
import type { Loss } from '@hone/losses';
import { tf } from '@hone/tfjs-onnx';
import { floats, ints } from '../data/pack.ts';
import type { LossGraph } from './loss-graph.ts';
import { needed, rowFeeds, rowInputs, rowNumbers, sideOf } from './row-numbers.ts';

type CompletionLoss = Loss & Required<Pick<Loss, 'perCompletion'>>;

export const completionGraph = (loss: CompletionLoss, settings: object): LossGraph => ({
  inputs: ({ rows, items }) => ({
    ...rowInputs(loss.needs, rows),
    labelled: { shape: [items], dtype: 'int32' },
    desirable: { shape: [items], dtype: 'float32' },
    label_weight: { shape: [items], dtype: 'float32' },
    ...(loss.needs.kl && { kl: { shape: [], dtype: 'float32' } }),
  }),
  feeds: ({ rows, labels, kl }) => ({
    ...rowFeeds(rows, loss.needs),
    labelled: ints(Int32Array.from(labels, ({ row }) => row)),
    desirable: floats(Float32Array.from(labels, ({ desirable }) => Number(desirable))),
    label_weight: floats(Float32Array.from(labels, ({ weight }) => weight)),
    ...(loss.needs.kl && { kl: floats(Float32Array.of(kl), []) }),
  }),
  sum(logProbs, fed) {
    const side = sideOf(rowNumbers(loss, logProbs.ofRows, fed), fed['labelled']!);
    const completions = Object.defineProperties(side, {
      desirable: { get: () => fed['desirable'] },
      kl: { get: () => needed(loss, 'kl', fed, 'kl') },
    });
    return tf.sum(tf.mul(loss.perCompletion(tf, completions as never, settings as never), fed['label_weight']!));
  },
});
