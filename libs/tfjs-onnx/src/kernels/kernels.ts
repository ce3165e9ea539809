/** tfjs's own kernels, as far as they can be traced. */
import { internal } from '@hone/errors';
import { defineKernel } from '../backend.ts';
import { sizeOf, type Value } from '../graph/ir.ts';
import { matMulLowRank } from './low-rank.ts';
import {
  binary,
  cast,
  compare,
  concat,
  expand,
  reduce,
  reshape,
  select,
  slice,
  softmax,
  split,
  transpose,
  unary,
  type BinaryOp,
  type CompareOp,
} from '../graph/rewrite.ts';
import { segmentSum } from './segment-sum.ts';
import * as tf from '../tf.ts';

const UNARY = {
  Neg: 'Neg', Exp: 'Exp', Log: 'Log', Sqrt: 'Sqrt', Sigmoid: 'Sigmoid', Tanh: 'Tanh', Abs: 'Abs', Softplus: 'Softplus',
  Relu: 'Relu', Reciprocal: 'Reciprocal', Sign: 'Sign', Erf: 'Erf', Cos: 'Cos', Sin: 'Sin', Floor: 'Floor',
}; // prettier-ignore
const BINARY: Record<string, BinaryOp> = {
  Add: 'Add', Sub: 'Sub', Multiply: 'Mul', RealDiv: 'Div', Pow: 'Pow', Maximum: 'Max', Minimum: 'Min',
}; // prettier-ignore
const COMPARE: Record<string, CompareOp> = {
  Greater: 'Greater', GreaterEqual: 'GreaterOrEqual', Less: 'Less', LessEqual: 'LessOrEqual', Equal: 'Equal',
  LogicalAnd: 'And', LogicalOr: 'Or',
}; // prettier-ignore
const REDUCE = { Sum: 'ReduceSum', Mean: 'ReduceMean', Max: 'ReduceMax', Min: 'ReduceMin' };

const axesOf = (axis: number | number[], value: Value): number[] => tf.util.parseAxisParam(axis, [...value.shape]);

for (const [kernel, op] of Object.entries(UNARY)) defineKernel(kernel, ({ x }, _, graph) => unary(graph, op, x!));
for (const [kernel, op] of Object.entries(BINARY))
  defineKernel(kernel, ({ a, b }, _, graph) => binary(graph, op, a!, b!));
for (const [kernel, op] of Object.entries(COMPARE))
  defineKernel(kernel, ({ a, b }, _, graph) => compare(graph, op, a!, b!));
for (const [kernel, op] of Object.entries(REDUCE)) {
  defineKernel(kernel, ({ x }, { axis, reductionIndices, keepDims }, graph) => {
    const value = x!.dtype === 'bool' ? cast(graph, x!, 'int32') : x!;
    return reduce(graph, op, value, axesOf(axis ?? reductionIndices ?? [...value.shape.keys()], value), keepDims);
  });
}

defineKernel('Rsqrt', ({ x }, _, graph) => unary(graph, 'Reciprocal', unary(graph, 'Sqrt', x!)));
defineKernel('Square', ({ x }, _, graph) => binary(graph, 'Mul', x!, x!));
defineKernel('SquaredDifference', ({ a, b }, _, graph) => {
  const difference = binary(graph, 'Sub', a!, b!);
  return binary(graph, 'Mul', difference, difference);
});
defineKernel('AddN', (inputs, _, graph) =>
  Object.values(inputs).reduce((sum, value) => binary(graph, 'Add', sum, value)),
);
defineKernel('Step', ({ x }, { alpha = 0 }, graph) => {
  const positive = compare(graph, 'Greater', x!, graph.scalar(0, x!.dtype));
  return select(graph, positive, graph.scalar(1), graph.scalar(alpha));
});
defineKernel('Select', ({ condition, t, e }, _, graph) => select(graph, condition!, t!, e!));
defineKernel('Identity', ({ x }) => x!);
defineKernel('Cast', ({ x }, { dtype }, graph) => cast(graph, x!, dtype));
defineKernel('ZerosLike', ({ x }, _, graph) => graph.splat(0, x!.shape, x!.dtype));
defineKernel('OnesLike', ({ x }, _, graph) => graph.splat(1, x!.shape, x!.dtype));
defineKernel('Fill', (_, { shape, value, dtype }, graph) => graph.splat(value, shape, dtype ?? 'float32'));
defineKernel('Softmax', ({ logits }, { dim }, graph) => softmax(graph, logits!, dim ?? logits!.shape.length - 1));
defineKernel('LogSoftmax', ({ logits }, { axis }, graph) =>
  softmax(graph, logits!, axis ?? logits!.shape.length - 1, 'LogSoftmax'),
);
defineKernel('BatchMatMul', ({ a, b }, { transposeA, transposeB }, graph) =>
  matMulLowRank(graph, a!, b!, transposeA, transposeB),
);

defineKernel('Reshape', ({ x }, { shape }, graph) => {
  const target = shape as number[];
  const open = target.indexOf(-1);
  if (open < 0) return reshape(graph, x!, target);
  return reshape(graph, x!, target.with(open, sizeOf(x!.shape) / -sizeOf(target)));
});
defineKernel('ExpandDims', ({ input }, { dim }, graph) => {
  const axis = dim < 0 ? input!.shape.length + 1 + dim : dim;
  return reshape(graph, input!, input!.shape.toSpliced(axis, 0, 1));
});
defineKernel('Transpose', ({ x }, { perm }, graph) => transpose(graph, x!, perm));
// What tf.broadcastTo comes to.
defineKernel('Tile', ({ x }, { reps }, graph) => {
  const repeats = reps as number[];
  if (repeats.some((count, axis) => count !== 1 && x!.shape[axis] !== 1))
    throw internal('cannot trace tile but over axes of size 1');
  return expand(
    graph,
    x!,
    x!.shape.map((dim, axis) => dim * repeats[axis]!),
  );
});
defineKernel('Slice', ({ x }, { begin, size }, graph) => {
  const starts = x!.shape.map((_, axis) => begin[axis] ?? 0);
  const sizes = x!.shape.map((dim, axis) =>
    size[axis] === undefined || size[axis] === -1 ? dim - starts[axis]! : size[axis],
  );
  return slice(graph, x!, starts, sizes);
});
defineKernel('Concat', (inputs, { axis }, graph) => {
  const values = Object.values(inputs);
  return concat(graph, values, axesOf(axis, values[0]!)[0]!);
});
defineKernel('SplitV', ({ x }, { numOrSizeSplits, axis }, graph) => {
  const along = axesOf(axis, x!)[0]!;
  return split(graph, x!, tf.backend_util.prepareSplitSize(x as unknown as tf.Tensor, numOrSizeSplits, along), along);
});
defineKernel('GatherV2', ({ x, indices }, { axis, batchDims = 0 }, graph) => {
  if (batchDims !== 0) throw internal('cannot trace gather with batchDims: gather from the flattened tensor');
  const along = axesOf(axis, x!)[0]!;
  const shape = [...x!.shape.slice(0, along), ...indices!.shape, ...x!.shape.slice(along + 1)];
  return graph.node({ op: 'Gather', inputs: [x!, indices!], attributes: { axis: along }, shape, dtype: x!.dtype });
});
defineKernel('UnsortedSegmentSum', ({ x, segmentIds }, { numSegments }, graph) =>
  segmentSum(graph, x!, segmentIds!, numSegments),
);
