/**
 * Operators with the rewrites that pay: splats are never materialised, implicit broadcasts stay implicit, transposes and
 * scalar factors fold into matrix products, reductions of one element become reshapes.
 */
import { broadcastShape, MICROSOFT, sameShape, sizeOf, type DType, type Graph, type Shape, type Value } from './ir.ts';

export type BinaryOp = 'Add' | 'Sub' | 'Mul' | 'Div' | 'Pow' | 'Max' | 'Min';
export type CompareOp = 'Greater' | 'GreaterOrEqual' | 'Less' | 'LessOrEqual' | 'Equal' | 'And' | 'Or';

const isSplat = (value: Value, scalar?: number): boolean =>
  value.op === 'Splat' && (scalar === undefined || value.scalar === scalar);

/** The value itself behind a broadcast: elementwise operators broadcast by themselves. */
function core(graph: Graph, value: Value): Value {
  if (isSplat(value)) return value.shape.length > 0 ? graph.splat(value.scalar!, [], value.dtype) : value;
  return value.op === 'Expand' ? value.inputs[0]! : value;
}

export function expand(graph: Graph, value: Value, shape: Shape): Value {
  if (sameShape(value.shape, shape)) return value;
  if (isSplat(value)) return graph.splat(value.scalar!, shape, value.dtype);
  const inner = value.op === 'Expand' ? value.inputs[0]! : value;
  return graph.node({ op: 'Expand', inputs: [inner, graph.sizes(shape)], shape, dtype: value.dtype });
}

const FOLD: Record<BinaryOp, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Max: Math.max,
  Min: Math.min,
};

/** A shorter form of `a op b`, where there is one. */
function simplify(graph: Graph, op: BinaryOp, a: Value, b: Value): Value | undefined {
  if (isSplat(a) && isSplat(b) && a.dtype === 'float32') {
    return graph.splat(Math.fround(FOLD[op](a.scalar!, b.scalar!)), [], 'float32');
  }
  if (op === 'Mul') {
    if (isSplat(a)) return simplify(graph, op, b, a) ?? elementwise(graph, op, b, a);
    if (isSplat(b, 1)) return a;
    if (isSplat(b, -1)) return unary(graph, 'Neg', a);
    if (isSplat(b) && a.op === 'Mul' && isSplat(a.inputs[1]!)) {
      return binary(graph, 'Mul', a.inputs[0]!, graph.scalar(Math.fround(a.inputs[1]!.scalar! * b.scalar!)));
    }
    if (isSplat(b) && a.op === 'FusedMatMul') {
      const alpha = { float: (a.attributes['alpha'] as { float: number }).float * b.scalar! };
      const { op: product, inputs, shape, dtype } = a;
      return graph.node({
        op: product,
        inputs,
        attributes: { ...a.attributes, alpha },
        shape,
        dtype,
        domain: MICROSOFT,
      });
    }
  }
  if (op === 'Div' && isSplat(b) && a.dtype === 'float32') {
    return binary(graph, 'Mul', a, graph.scalar(Math.fround(1 / b.scalar!)));
  }
  if ((op === 'Add' || op === 'Sub') && isSplat(b, 0)) return a;
  if (op === 'Add' && isSplat(a, 0)) return b;
  if (op === 'Add' && b.op === 'Neg') return binary(graph, 'Sub', a, b.inputs[0]!);
  if (op === 'Sub' && b.op === 'Neg') return binary(graph, 'Add', a, b.inputs[0]!);
  if (op === 'Pow' && isSplat(b, 2)) return binary(graph, 'Mul', a, a);
  if (op === 'Pow' && isSplat(b, 0.5)) return unary(graph, 'Sqrt', a);
  return undefined;
}

function elementwise(graph: Graph, op: string, a: Value, b: Value, dtype: DType = a.dtype): Value {
  return graph.node({ op, inputs: [a, b], shape: broadcastShape(a.shape, b.shape), dtype });
}

export function binary(graph: Graph, op: BinaryOp, left: Value, right: Value): Value {
  const shape = broadcastShape(left.shape, right.shape);
  const [a, b] = [core(graph, left), core(graph, right)];
  return expand(graph, simplify(graph, op, a, b) ?? elementwise(graph, op, a, b), shape);
}

export function compare(graph: Graph, op: CompareOp, left: Value, right: Value): Value {
  const shape = broadcastShape(left.shape, right.shape);
  return expand(graph, elementwise(graph, op, core(graph, left), core(graph, right), 'bool'), shape);
}

export function unary(graph: Graph, op: string, value: Value, dtype: DType = value.dtype): Value {
  if (value.op === 'Expand') return expand(graph, unary(graph, op, value.inputs[0]!, dtype), value.shape);
  if (op === 'Neg' && value.op === 'Neg') return value.inputs[0]!;
  if (op === 'Neg' && isSplat(value)) return graph.splat(-value.scalar!, value.shape, value.dtype);
  return graph.node({ op, inputs: [value], shape: value.shape, dtype });
}

/** ONNX's numbers of the element types (TensorProto.DataType). */
export const ONNX_TYPES: Readonly<Record<DType, number>> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 };

export function cast(graph: Graph, value: Value, dtype: DType): Value {
  if (value.dtype === dtype) return value;
  if (isSplat(value)) {
    const scalar =
      dtype === 'float32' ? value.scalar! : dtype === 'bool' ? Number(value.scalar !== 0) : Math.trunc(value.scalar!);
    return graph.splat(scalar, value.shape, dtype);
  }
  return graph.node({ op: 'Cast', inputs: [value], attributes: { to: ONNX_TYPES[dtype] }, shape: value.shape, dtype });
}

export function reshape(graph: Graph, value: Value, shape: Shape): Value {
  if (sameShape(value.shape, shape)) return value;
  if (value.op === 'Reshape') return reshape(graph, value.inputs[0]!, shape);
  if (isSplat(value)) return graph.splat(value.scalar!, shape, value.dtype);
  return graph.node({ op: 'Reshape', inputs: [value, graph.sizes(shape)], shape, dtype: value.dtype });
}

export function transpose(graph: Graph, value: Value, permutation: readonly number[]): Value {
  const shape = permutation.map((axis) => value.shape[axis]!);
  if (permutation.every((axis, i) => axis === i)) return value;
  if (isSplat(value)) return graph.splat(value.scalar!, shape, value.dtype);
  if (value.op === 'Transpose') {
    const inner = value.attributes['perm'] as readonly number[];
    return transpose(
      graph,
      value.inputs[0]!,
      permutation.map((axis) => inner[axis]!),
    );
  }
  // Moving only dimensions of 1 moves no data.
  const moved = permutation.filter((axis) => value.shape[axis] !== 1);
  if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)) return reshape(graph, value, shape);
  return graph.node({ op: 'Transpose', inputs: [value], attributes: { perm: permutation }, shape, dtype: value.dtype });
}

/** Permutation that swaps the last two axes. */
const swapLast = (rank: number): number[] => [...Array(rank - 2).keys(), rank - 1, rank - 2];

/** A matrix operand without its transpose: the product takes it as a flag. */
function stripTranspose(value: Value, transposed: boolean): [Value, boolean] {
  const swap = swapLast(value.shape.length);
  const stripped = value.op === 'Transpose' && sameShape(value.attributes['perm'] as readonly number[], swap);
  return stripped ? [value.inputs[0]!, !transposed] : [value, transposed];
}

/** An operand without a scalar factor: the product takes it as alpha. */
function stripFactor(value: Value): [Value, number] {
  const [inner, factor] = value.inputs;
  const scaled = value.op === 'Mul' && factor!.op === 'Splat' && sameShape(value.shape, inner!.shape);
  return scaled ? [inner!, factor!.scalar!] : [value, 1];
}

/** x @ weightᵀ with the weight's 8-bit form. */
function quantizedProduct(graph: Graph, x: Value, weight: Value): Value {
  const { values, scales, blockSize } = weight.quantized!;
  const [rows, columns] = weight.shape as [number, number];
  const blocks = Math.ceil(columns / blockSize);
  const inputs = [
    x,
    graph.initializer(`${weight.name}.int8`, [rows, blocks, blockSize], values, { dtype: 'uint8' }),
    graph.initializer(`${weight.name}.scale`, [rows * blocks], scales),
  ];
  // Level 4: products of 8-bit integers, for which each row of x is rounded to 8 bits too.
  const attributes = { K: columns, N: rows, bits: 8, block_size: blockSize, accuracy_level: 4 };
  const shape = [x.shape[0]!, rows];
  return graph.node({ op: 'MatMulNBits', inputs, attributes, shape, dtype: 'float32', domain: MICROSOFT });
}

export function matMul(
  graph: Graph,
  left: Value,
  right: Value,
  transposeLeft: boolean,
  transposeRight: boolean,
): Value {
  const [a, tA] = stripTranspose(left, transposeLeft);
  const [b, tB] = stripTranspose(right, transposeRight);
  const rows = tA ? a.shape.at(-1)! : a.shape.at(-2)!;
  const columns = tB ? b.shape.at(-2)! : b.shape.at(-1)!;
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  if (shape.length === 2) {
    if (b.quantized && tB && !tA) return quantizedProduct(graph, a, b);
    return graph.node({ op: 'Gemm', inputs: [a, b], attributes: { transA: +tA, transB: +tB }, shape, dtype: a.dtype });
  }
  const [unscaledA, factorA] = stripFactor(a);
  const [unscaledB, factorB] = stripFactor(b);
  const inputs = [unscaledA, unscaledB];
  const attributes = { transA: +tA, transB: +tB, alpha: { float: factorA * factorB } };
  return graph.node({ op: 'FusedMatMul', inputs, attributes, shape, dtype: a.dtype, domain: MICROSOFT });
}

export function reduce(graph: Graph, op: string, value: Value, axes: readonly number[], keepDims: boolean): Value {
  const shape = value.shape.flatMap((dim, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [dim]));
  if (axes.every((axis) => value.shape[axis] === 1)) return reshape(graph, value, shape);
  if (isSplat(value)) {
    const count = sizeOf(axes.map((axis) => value.shape[axis]!));
    if (op === 'ReduceSum' && !graph.isSymbolic(count)) return graph.splat(value.scalar! * count, shape, value.dtype);
    if (op === 'ReduceMean' || op === 'ReduceMax') return graph.splat(value.scalar!, shape, value.dtype);
  }
  const sorted = [...axes].sort((x, y) => x - y);
  const leading = sorted.length > 1 && sorted.every((axis, i) => axis === i) && sorted.length < value.shape.length;
  if (op === 'ReduceSum' && leading) {
    // A sum over the leading axes runs fastest as one over the rows of a matrix.
    const rest = value.shape.slice(sorted.length);
    const rows = reshape(graph, value, [sizeOf(value.shape.slice(0, sorted.length)), ...rest]);
    const summed = graph.node({
      op,
      inputs: [rows, graph.sizes([0])],
      attributes: { keepdims: 0 },
      shape: rest,
      dtype: value.dtype,
    });
    return reshape(graph, summed, shape);
  }
  const attributes = { keepdims: +keepDims };
  return graph.node({ op, inputs: [value, graph.sizes(sorted)], attributes, shape, dtype: value.dtype });
}

export function slice(graph: Graph, value: Value, begin: readonly number[], size: readonly number[]): Value {
  const axes = [...value.shape.keys()].filter((axis) => begin[axis] !== 0 || size[axis] !== value.shape[axis]);
  if (axes.length === 0) return value;
  if (isSplat(value)) return graph.splat(value.scalar!, size, value.dtype);
  const starts = graph.sizes(axes.map((axis) => begin[axis]!));
  const ends = graph.sizes(axes.map((axis) => begin[axis]! + size[axis]!));
  return graph.node({ op: 'Slice', inputs: [value, starts, ends, graph.sizes(axes)], shape: size, dtype: value.dtype });
}

export function concat(graph: Graph, values: readonly Value[], axis: number): Value {
  const filled = values.filter((value) => sizeOf(value.shape) > 0);
  if (filled.length === 1) return filled[0]!;
  const shape = [...filled[0]!.shape];
  shape[axis] = graph.sum(filled.map((value) => value.shape[axis]!));
  return graph.node({ op: 'Concat', inputs: filled, attributes: { axis }, shape, dtype: filled[0]!.dtype });
}

/** 0, 1, 2 … in a shape, int64. */
export function range(graph: Graph, shape: Shape): Value {
  const size = sizeOf(shape);
  const scalar = (value: Value): Value => reshape(graph, value, []);
  const [zero, one] = [0n, 1n].map((value) => graph.constant(BigInt64Array.of(value), [], 'int64')) as [Value, Value];
  const inputs = [zero, scalar(graph.sizes([size])), one];
  return reshape(graph, graph.node({ op: 'Range', inputs, shape: [size], dtype: 'int64' }), shape);
}

/** Zeros behind the end of an axis. */
export function pad(graph: Graph, value: Value, axis: number, count: number): Value {
  if (count === 0) return value;
  const before = value.shape.map(() => 0);
  const inputs = [value, graph.sizes([...before, ...before.with(axis, count)])];
  return graph.node({
    op: 'Pad',
    inputs,
    shape: value.shape.with(axis, value.shape[axis]! + count),
    dtype: value.dtype,
  });
}

export function split(graph: Graph, value: Value, sizes: readonly number[], axis: number): Value[] {
  const outputs = sizes.map((size) => ({
    shape: value.shape.map((dim, i) => (i === axis ? size : dim)),
    dtype: value.dtype,
  }));
  return graph.multi({ op: 'Split', inputs: [value, graph.sizes(sizes)], attributes: { axis } }, outputs);
}

export function softmax(graph: Graph, value: Value, axis: number, op: 'Softmax' | 'LogSoftmax' = 'Softmax'): Value {
  return graph.node({ op, inputs: [value], attributes: { axis }, shape: value.shape, dtype: value.dtype });
}

export function select(graph: Graph, condition: Value, yes: Value, no: Value): Value {
  const shape = broadcastShape(broadcastShape(condition.shape, yes.shape), no.shape);
  const inputs = [core(graph, condition), core(graph, yes), core(graph, no)];
  const inner = broadcastShape(broadcastShape(inputs[0]!.shape, inputs[1]!.shape), inputs[2]!.shape);
  return expand(graph, graph.node({ op: 'Where', inputs, shape: inner, dtype: yes.dtype }), shape);
}
