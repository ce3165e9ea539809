/** The fused kernels composed of plain operations: what they compute, and how any other tfjs backend runs them. */
import * as tf from '../tf.ts';

type Inputs = Readonly<Record<string, tf.Tensor>>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Attributes = Readonly<Record<string, any>>;
type Composite = (inputs: Inputs, attributes: Attributes) => tf.Tensor;

const rmsNormInverse: Composite = ({ x }, { epsilon }) =>
  tf.rsqrt(tf.add(tf.mean(tf.square(x!), -1, true), epsilon as number));

/** Half-split rotation by a quarter turn: (a, b) -> (-b, a); the other way where inverse. */
function quarterTurn(x: tf.Tensor, inverse: boolean): tf.Tensor {
  const [first, second] = tf.split(x, 2, -1) as [tf.Tensor, tf.Tensor];
  return tf.concat(inverse ? [second, tf.neg(first)] : [tf.neg(second), first], -1);
}

/** Of each row, where its label lies in the flattened `[rows, vocab]`. */
function labelIndices(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor1D {
  const [rows, vocab] = logits.shape as [number, number];
  const starts = tf.tensor1d(
    Int32Array.from({ length: rows }, (_, row) => row * vocab),
    'int32',
  );
  return tf.add(starts, labels) as tf.Tensor1D;
}

/** By kernel name. */
export const composites: Readonly<Record<string, Composite>> = {
  RmsNormInverse: rmsNormInverse,
  RmsNorm: (inputs, attributes) => tf.mul(tf.mul(inputs['x']!, rmsNormInverse(inputs, attributes)), inputs['weight']!),
  Silu: ({ x }) => tf.mul(x!, tf.sigmoid(x!)),
  Rope: ({ x, cos, sin }, { inverse }) => {
    const turned = inverse ? quarterTurn(tf.mul(x!, sin!), true) : tf.mul(quarterTurn(x!, false), sin!);
    return tf.add(tf.mul(x!, cos!), turned);
  },
  TokenLogProb: ({ logits, labels }) =>
    tf.gather(tf.reshape(tf.logSoftmax(logits!), [-1]), labelIndices(logits!, labels!)),
  TokenLogProbGrad: ({ dy, logits, labels }) => {
    const indices = labelIndices(logits!, labels!);
    const atLabels = tf.reshape(tf.unsortedSegmentSum(dy!, indices, logits!.size), logits!.shape);
    return tf.sub(atLabels, tf.mul(tf.softmax(logits!), tf.reshape(dy!, [-1, 1])));
  },
  Boundary: ({ x }) => tf.clone(x!),
  BoundaryGradient: ({ dy }) => tf.clone(dy!),
  SumSegments: ({ values, segments }, { count }) =>
    tf.unsortedSegmentSum(values!, segments as tf.Tensor1D, count as number),
};

/** Gives a backend all fused kernels, so that the same model code runs on it eagerly. */
export function registerComposites(backendName: string): void {
  for (const [kernelName, composite] of Object.entries(composites)) {
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => tf.tidy(() => composite(inputs as unknown as Inputs, attrs ?? {})),
    });
  }
}
