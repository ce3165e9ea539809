/** A loss as part of the training graph: what it is fed, and its sum over what a part holds. */
import type { TensorView } from '@hone/runtime';
import type { tf, TracedInput } from '@hone/tfjs-onnx';
import type { BatchPart } from '../data/batch.ts';

export type Tensors = Readonly<Record<string, tf.Tensor>>;
export type Size = TracedInput['shape'][number];

/** Sizes of a part: its rows, their tokens, and its pairs or labels. */
export interface Sizes {
  readonly rows: Size;
  readonly targets: Size;
  readonly items: Size;
}

/** Log-probs under the policy. */
export interface LogProbs {
  /** Summed over each row's completion, `[rows]`. */
  readonly ofRows: tf.Tensor1D;
  /** Of each token of the rows' completions, `[targets]`. */
  readonly ofTokens: tf.Tensor1D;
}

/** What losses on pairs have, on labelled completions, and on tokens, each in its own way. */
export interface LossGraph {
  /** Inputs of the graph, of these sizes. */
  inputs(sizes: Sizes): Record<string, TracedInput>;
  /** Values of the inputs. */
  feeds(part: BatchPart): Record<string, TensorView>;
  /** sum over pairs, labelled completions or tokens of weight * loss. */
  sum(logProbs: LogProbs, fed: Tensors): tf.Scalar;
}
