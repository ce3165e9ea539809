/**
 * Named fused kernels: a name, an implementation on the tracing backend, and a gradient. `composite.ts` gives them to any
 * other tfjs backend, composed of plain operations.
 */
import { defineKernel } from '../backend.ts';
import { gatherColumns } from './gather-columns.ts';
import { MICROSOFT, sizeOf, type Graph, type Value } from '../graph/ir.ts';
import { binary, range, reshape, slice, softmax, unary } from '../graph/rewrite.ts';
import { segmentSum } from './segment-sum.ts';
import * as tf from '../tf.ts';

const run = (name: string, inputs: Record<string, tf.Tensor>, attributes: Record<string, unknown> = {}): unknown =>
  tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap);

/** x / sqrt(mean(x²) + epsilon) * weight over the last axis (Zhang & Sennrich, arXiv 1910.07467). x `[rows, d]`, weight `[d]`. */
export function rmsNorm(x: tf.Tensor2D, weight: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  return run('RmsNorm', { x, weight }, { epsilon }) as tf.Tensor2D;
}
/**
 * The norm and 1 / sqrt(mean(x²) + epsilon). Two kernels of one output each share it, because tfjs fills the gradient of an
 * unused second output with zeros in full.
 */
function rmsNormNode(graph: Graph, { x, weight }: Readonly<Record<string, Value>>, epsilon: number): Value[] {
  const attributes = { axis: -1, epsilon: { float: epsilon }, stash_type: 1 };
  return graph.multi({ op: 'SimplifiedLayerNormalization', inputs: [x!, weight!], attributes }, [
    { shape: x!.shape, dtype: 'float32' },
    { shape: [...x!.shape.slice(0, -1), 1], dtype: 'float32' },
  ]);
}
defineKernel('RmsNorm', (inputs, { epsilon }, graph) => rmsNormNode(graph, inputs, epsilon)[0]!);
defineKernel('RmsNormInverse', (inputs, { epsilon }, graph) => rmsNormNode(graph, inputs, epsilon)[1]!);
tf.registerGradient({
  kernelName: 'RmsNorm',
  inputsToSave: ['x', 'weight'],
  gradFunc: (dy, saved, attributes) => {
    const [x, weight] = saved as [tf.Tensor, tf.Tensor];
    const inverse = run('RmsNormInverse', { x, weight }, attributes) as tf.Tensor;
    const normalised = tf.mul(x, inverse);
    return {
      x: () => {
        const scaled = tf.mul(dy as tf.Tensor, weight);
        const mean = tf.mean(tf.mul(scaled, normalised), -1, true);
        return tf.mul(tf.sub(scaled, tf.mul(normalised, mean)), inverse);
      },
      weight: () => tf.sum(tf.mul(dy as tf.Tensor, normalised), 0),
    };
  },
});

/** x * sigmoid(x), the gate of SwiGLU (Shazeer, arXiv 2002.05202). */
export function silu(x: tf.Tensor2D): tf.Tensor2D {
  return run('Silu', { x }) as tf.Tensor2D;
}
defineKernel('Silu', ({ x }, _, graph) =>
  graph.node({
    op: 'QuickGelu',
    inputs: [x!],
    attributes: { alpha: { float: 1 } },
    shape: x!.shape,
    dtype: x!.dtype,
    domain: MICROSOFT,
  }),
);
tf.registerGradient({
  kernelName: 'Silu',
  inputsToSave: ['x'],
  outputsToSave: [true],
  gradFunc: (dy, saved) => {
    const [x, y] = saved as [tf.Tensor, tf.Tensor];
    return {
      x: () => {
        const sigmoid = tf.sigmoid(x);
        return tf.mul(dy as tf.Tensor, tf.add(sigmoid, tf.mul(y, tf.sub(1, sigmoid))));
      },
    };
  },
});

/**
 * Rotary position embedding in the half-split form (Su et al., arXiv 2104.09864). x `[batch, heads, seq, headDim]`; cos and sin
 * broadcast to it, both halves alike.
 */
export function rope(x: tf.Tensor4D, cos: tf.Tensor4D, sin: tf.Tensor4D): tf.Tensor4D {
  return run('Rope', { x, cos, sin }, { inverse: false }) as tf.Tensor4D;
}
/** The rows of a table, `[rows, headDim / 2]`: of its last axis, whose halves are alike, the first half. */
function halfTable(graph: Graph, table: Value): Value {
  const half = table.shape.at(-1)! / 2;
  const rows = table.shape.slice(0, -1);
  const first = slice(
    graph,
    table,
    table.shape.map(() => 0),
    [...rows, half],
  );
  return reshape(graph, first, [sizeOf(rows), half]);
}
defineKernel('Rope', ({ x, cos, sin }, { inverse }, graph) => {
  const [tables, , length] = cos!.shape as [number, number, number, number];
  const sines = halfTable(graph, sin!);
  // Which row of the tables turns which position: row by row, or where all sequences share them, counted from 0.
  const rows = tables === 1 ? graph.constant(BigInt64Array.of(0n), [1], 'int64') : range(graph, [tables, length]);
  return graph.node({
    op: 'RotaryEmbedding',
    inputs: [x!, rows, halfTable(graph, cos!), inverse ? unary(graph, 'Neg', sines) : sines],
    attributes: { interleaved: 0 },
    shape: x!.shape,
    dtype: x!.dtype,
    domain: MICROSOFT,
  });
});
tf.registerGradient({
  kernelName: 'Rope',
  inputsToSave: ['cos', 'sin'],
  gradFunc: (dy, saved, attributes) => {
    const [cos, sin] = saved as [tf.Tensor, tf.Tensor];
    const inverse = !(attributes as unknown as { inverse: boolean }).inverse;
    return { x: () => run('Rope', { x: dy as tf.Tensor, cos, sin }, { inverse }) as tf.Tensor };
  },
});

/** log softmax(logits)[label] of each row. logits `[rows, vocab]`, labels `[rows]` int32 -> `[rows]`. */
export function tokenLogProb(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  return run('TokenLogProb', { logits, labels }) as tf.Tensor1D;
}
defineKernel('TokenLogProb', ({ logits, labels }, _, graph) => {
  const rows = logits!.shape[0]!;
  const logProbs = softmax(graph, logits!, 1, 'LogSoftmax');
  return reshape(graph, gatherColumns(graph, logProbs, reshape(graph, labels!, [rows, 1])), [rows]);
});
tf.registerGradient({
  kernelName: 'TokenLogProb',
  inputsToSave: ['logits', 'labels'],
  gradFunc: (dy, saved) => {
    const [logits, labels] = saved as [tf.Tensor, tf.Tensor];
    return { logits: () => run('TokenLogProbGrad', { dy: dy as tf.Tensor, logits, labels }) as tf.Tensor };
  },
});
// dy * (onehot(label) - softmax): the log-softmax is the forward pass's, and the one-hot matrix is never made.
defineKernel('TokenLogProbGrad', ({ dy, logits, labels }, _, graph) => {
  const column = [logits!.shape[0]!, 1];
  const dyColumn = reshape(graph, dy!, column);
  const probabilities = unary(graph, 'Exp', softmax(graph, logits!, 1, 'LogSoftmax'));
  const inputs = [
    binary(graph, 'Mul', probabilities, unary(graph, 'Neg', dyColumn)),
    reshape(graph, labels!, column),
    dyColumn,
  ];
  const attributes = { axis: 1, reduction: 'add' };
  return graph.node({ op: 'ScatterElements', inputs, attributes, shape: logits!.shape, dtype: 'float32' });
});

/** Sums of the elements of each segment. values `[n]`, segments `[n]` int32 in 0 … count-1 -> `[count]`. */
export function sumSegments(values: tf.Tensor1D, segments: tf.Tensor1D, count: number): tf.Tensor1D {
  return run('SumSegments', { values, segments }, { count }) as tf.Tensor1D;
}
defineKernel('SumSegments', ({ values, segments }, { count }, graph) => segmentSum(graph, values!, segments!, count));
tf.registerGradient({
  kernelName: 'SumSegments',
  inputsToSave: ['segments'],
  gradFunc: (dy, saved) => ({ values: () => tf.gather(dy as tf.Tensor1D, saved[0] as tf.Tensor1D) }),
});
