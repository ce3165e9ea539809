/** A matrix plus a product of low rank (LoRA, Hu et al., arXiv 2106.09685, equation 3) that is never made in full. */
import { internal } from '@hone/errors';
import { defineKernel } from '../backend.ts';
import type { Graph, Value } from '../graph/ir.ts';
import { binary, matMul } from '../graph/rewrite.ts';
import * as tf from '../tf.ts';

/** Stands for the sum until a matrix product takes it apart. */
const LOW_RANK_SUM = 'LowRankSum';

/**
 * weight + scale * up @ down. weight `[out, in]`, down `[rank, in]`, up `[out, rank]`. While tracing it may only be the right
 * operand of matrix products; weight is taken as frozen.
 */
export function lowRankSum(weight: tf.Tensor2D, down: tf.Tensor2D, up: tf.Tensor2D, scale: number): tf.Tensor2D {
  const inputs = { weight, down, up } as unknown as tf.NamedTensorMap;
  return tf.engine().runKernel('LowRankSum', inputs, { scale }) as tf.Tensor2D;
}
defineKernel('LowRankSum', ({ weight, down, up }, { scale }, graph) =>
  graph.node({
    op: LOW_RANK_SUM,
    inputs: [weight!, down!, up!],
    attributes: { scale: { float: scale } },
    shape: weight!.shape,
    dtype: weight!.dtype,
  }),
);

/** Product of two matrices of which the right one may be such a sum: x @ (W + s B A) = x @ W + (s x @ B) @ A. */
export function matMulLowRank(
  graph: Graph,
  left: Value,
  right: Value,
  transposeLeft: boolean,
  transposeRight: boolean,
) {
  if (left.op === LOW_RANK_SUM) throw internal('a low-rank sum can only be the right operand of a product');
  if (right.op !== LOW_RANK_SUM) return matMul(graph, left, right, transposeLeft, transposeRight);
  const [weight, down, up] = right.inputs as [Value, Value, Value];
  const { float: scale } = right.attributes['scale'] as { float: number };
  const [first, second] = transposeRight ? [down, up] : [up, down];
  const narrow = matMul(graph, left, first, transposeLeft, transposeRight);
  const update = matMul(graph, binary(graph, 'Mul', narrow, graph.scalar(scale)), second, false, transposeRight);
  return binary(graph, 'Add', matMul(graph, left, weight, transposeLeft, transposeRight), update);
}

/** The operands of a product of two matrices, each with whether it is transposed. */
function operands({ op, inputs, attributes }: Value): { a: Value; b: Value; tA: boolean; tB: boolean } {
  if (op !== 'Gemm') throw internal(`the gradient of a low-rank sum is a product of two matrices, but here ${op}`);
  return { a: inputs[0]!, b: inputs[1]!, tA: attributes['transA'] === 1, tB: attributes['transB'] === 1 };
}

// The gradient by the sum is itself a product, of the tokens' gradients and inputs: multiplied in another order, it need not be
// made in full either.
defineKernel('LowRankSumGradDown', ({ dy, up }, { scale }, graph) => {
  const { a, b, tA, tB } = operands(dy!);
  const narrow = binary(graph, 'Mul', matMul(graph, up!, a, true, tA), graph.scalar(scale));
  return matMul(graph, narrow, b, false, tB);
});
defineKernel('LowRankSumGradUp', ({ dy, down }, { scale }, graph) => {
  const { a, b, tA, tB } = operands(dy!);
  const narrow = binary(graph, 'Mul', matMul(graph, b, down!, tB, true), graph.scalar(scale));
  return matMul(graph, a, narrow, tA, false);
});
tf.registerGradient({
  kernelName: 'LowRankSum',
  inputsToSave: ['down', 'up'],
  gradFunc: (dy, saved, attributes) => {
    const [down, up] = saved as [tf.Tensor, tf.Tensor];
    const gradient = (kernel: string, other: tf.NamedTensorMap) => (): tf.Tensor =>
      tf.engine().runKernel(kernel, { dy: dy as tf.Tensor, ...other }, attributes) as tf.Tensor;
    return { down: gradient('LowRankSumGradDown', { up }), up: gradient('LowRankSumGradUp', { down }) };
  },
});
