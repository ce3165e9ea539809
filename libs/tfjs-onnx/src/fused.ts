/**
 * Named fused kernels: a name, an implementation on the tracing backend, and a gradient. `composite.ts` gives them to any
 * other tfjs backend, composed of plain operations.
 */
import { backend, defineKernel } from './backend.ts';
import { MICROSOFT, type Graph, type Value } from './ir.ts';
import { binary, concat, expand, reshape, softmax, split, unary } from './rewrite.ts';
import * as tf from './tf.ts';

const run = (name: string, inputs: Record<string, tf.Tensor>, attributes: Record<string, unknown> = {}): unknown =>
  tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap);

/** x / sqrt(mean(x²) + epsilon) * weight over the last axis (Zhang & Sennrich, arXiv 1910.07467). x `[rows, d]`, weight `[d]`. */
export function rmsNorm(x: tf.Tensor2D, weight: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  return (run('RmsNorm', { x, weight }, { epsilon }) as tf.Tensor2D[])[0]!;
}
defineKernel('RmsNorm', ({ x, weight }, { epsilon }, graph) =>
  graph.multi(
    {
      op: 'SimplifiedLayerNormalization',
      inputs: [x!, weight!],
      attributes: { axis: -1, epsilon: { float: epsilon }, stash_type: 1 },
    },
    [
      { shape: x!.shape, dtype: 'float32' },
      { shape: [...x!.shape.slice(0, -1), 1], dtype: 'float32' },
    ],
  ),
);
tf.registerGradient({
  kernelName: 'RmsNorm',
  inputsToSave: ['x', 'weight'],
  outputsToSave: [false, true],
  gradFunc: (dys, saved) => {
    const [dy] = dys as tf.Tensor[];
    const [x, weight, inverse] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
    const normalised = tf.mul(x, inverse);
    return {
      x: () => {
        const scaled = tf.mul(dy!, weight);
        const mean = tf.mean(tf.mul(scaled, normalised), -1, true);
        return tf.mul(tf.sub(scaled, tf.mul(normalised, mean)), inverse);
      },
      weight: () => tf.sum(tf.mul(dy!, normalised), 0),
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
defineKernel('Rope', ({ x, cos, sin }, { inverse }, graph) => {
  const half = x!.shape.at(-1)! / 2;
  const rotate = (value: Value): Value => {
    const [first, second] = split(graph, value, [half, half], 3) as [Value, Value];
    return concat(graph, inverse ? [second, unary(graph, 'Neg', first)] : [unary(graph, 'Neg', second), first], 3);
  };
  const turned = inverse ? rotate(binary(graph, 'Mul', x!, sin!)) : binary(graph, 'Mul', rotate(x!), sin!);
  return binary(graph, 'Add', binary(graph, 'Mul', x!, cos!), turned);
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
  return (run('TokenLogProb', { logits, labels }) as tf.Tensor1D[])[0]!;
}
/** The element of each row that `columns` `[rows, 1]` names. */
export function gatherColumns(graph: Graph, rows: Value, columns: Value): Value {
  return graph.node({
    op: 'GatherElements',
    inputs: [rows, columns],
    attributes: { axis: 1 },
    shape: columns.shape,
    dtype: rows.dtype,
  });
}
defineKernel('TokenLogProb', ({ logits, labels }, _, graph) => {
  const rows = logits!.shape[0]!;
  const logProbs = softmax(graph, logits!, 1, 'LogSoftmax');
  return [reshape(graph, gatherColumns(graph, logProbs, reshape(graph, labels!, [rows, 1])), [rows]), logProbs];
});
tf.registerGradient({
  kernelName: 'TokenLogProb',
  inputsToSave: ['labels'],
  outputsToSave: [false, true],
  gradFunc: (dys, saved) => {
    const [labels, logProbs] = saved as [tf.Tensor, tf.Tensor];
    return { logits: () => run('TokenLogProbGrad', { dy: (dys as tf.Tensor[])[0]!, labels, logProbs }) as tf.Tensor };
  },
});
// dy * (onehot(label) - softmax): the one-hot matrix is never made, its ones are added in place.
defineKernel('TokenLogProbGrad', ({ dy, labels, logProbs }, _, graph) => {
  const column = [logProbs!.shape[0]!, 1];
  const dyColumn = reshape(graph, dy!, column);
  const spread = binary(graph, 'Mul', unary(graph, 'Exp', logProbs!), unary(graph, 'Neg', dyColumn));
  const updates =
    dyColumn.op === 'Splat'
      ? expand(graph, graph.constant(Float32Array.of(dyColumn.scalar!), [1, 1], 'float32'), column)
      : dyColumn;
  const inputs = [spread, reshape(graph, labels!, column), updates];
  return graph.node({
    op: 'ScatterElements',
    inputs,
    attributes: { axis: 1, reduction: 'add' },
    shape: logProbs!.shape,
    dtype: 'float32',
  });
});

export { backend };
