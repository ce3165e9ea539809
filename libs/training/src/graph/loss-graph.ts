/** A loss as part of the training graph: what it is fed, and its sum over what a part holds. */
import type { TensorView } from '@hone/runtime';
import type { tf, TracedInput } from '@hone/tfjs-onnx';
import type { BatchPart } from '../data/batch.ts';

export type Tensors = Readonly<Record<string, tf.Tensor>>;
export type Size = TracedInput['shape'][number];

/** What losses on pairs have, and losses on labelled completions, each in its own way. */
export interface LossGraph {
  /** Inputs of the graph, for so many pairs or labelled completions. */
  inputs(items: Size): Record<string, TracedInput>;
  /** Values of the inputs. */
  feeds(part: BatchPart): Record<string, TensorView>;
  /** sum over pairs or labelled completions of weight * loss, from the summed log-probs of rows. */
  sum(logProbs: tf.Tensor1D, fed: Tensors): tf.Scalar;
}
