/** What losses of single completions share. */
import type { tf as Tensors } from '@hone/tfjs-onnx';
import { z } from 'zod';
import { positive } from './common-settings.ts';
import type { Ops, PerCompletion } from './loss.ts';

const weight = (of: string) =>
  positive().default(1).describe(`Weight of ${of} completions, to make up for numbers that differ.`);

/** Settings: how much either label counts. */
export const labelWeights = () => ({
  desirable_weight: weight('desirable'),
  undesirable_weight: weight('undesirable'),
});
type LabelWeights = z.output<z.ZodObject<ReturnType<typeof labelWeights>>>;

/** The value of each completion's label, times the label's weight. Both values must be finite. */
export function byLabel(
  tf: Ops,
  desirable: PerCompletion,
  ofDesirable: Tensors.Tensor,
  ofUndesirable: Tensors.Tensor,
  weights: LabelWeights,
): Tensors.Tensor {
  return tf.add(
    tf.mul(tf.mul(ofDesirable, desirable), weights.desirable_weight),
    tf.mul(tf.mul(ofUndesirable, tf.sub(1, desirable)), weights.undesirable_weight),
  );
}
