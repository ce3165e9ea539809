/**
 * log softmax(hidden @ weightᵀ)[label] for large vocabularies: the logits exist only a block of the vocabulary at a time, in the
 * forward pass and again, recomputed, in the backward pass (as in Wijmans et al., "Cut Your Losses in Large-Vocabulary Language
 * Models", arXiv 2411.09009).
 */
import { defineKernel } from '../backend.ts';
import { barrier } from '../graph/barrier.ts';
import type { Graph, Value } from '../graph/ir.ts';
import { binary, concat, expand, matMul, reduce, reshape, unary } from '../graph/rewrite.ts';
import * as tf from '../tf.ts';

export interface LinearTokenLogProbOptions {
  /** Logits of a row that are held at once. */
  readonly blockSize: number;
  /** Whether the weight has a gradient. */
  readonly trainable: boolean;
}

/** hidden `[rows, d]`, weight `[vocab, d]`, labels `[rows]` int32 -> `[rows]`. */
export function linearTokenLogProb(
  hidden: tf.Tensor2D,
  weight: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: LinearTokenLogProbOptions,
): tf.Tensor1D {
  const inputs = { hidden, weight, labels } as unknown as tf.NamedTensorMap;
  return tf.engine().runKernel('LinearTokenLogProb', inputs, { ...options }) as tf.Tensor1D;
}

/** A block of the vocabulary: rows of the weight from `begin` on. */
interface Block {
  readonly begin: number;
  readonly size: number;
}

/** Blocks of about the same size. */
function blocksOf(vocab: number, blockSize: number): Block[] {
  const count = Math.ceil(vocab / blockSize);
  return Array.from({ length: count }, (_, i) => {
    const begin = Math.floor((i * vocab) / count);
    return { begin, size: Math.floor(((i + 1) * vocab) / count) - begin };
  });
}

/** A block's rows of the weight. `again`: as an operator of its own, so that the copy of the forward pass is not kept for it. */
function weightBlock(graph: Graph, weight: Value, { begin, size }: Block, again: boolean): Value {
  const bounds = [[begin], [begin + size], [0], ...(again ? [[1]] : [])].map((bound) => graph.sizes(bound));
  return graph.node({ op: 'Slice', inputs: [weight, ...bounds], shape: [size, weight.shape[1]!], dtype: weight.dtype });
}

const asColumn = (graph: Graph, value: Value): Value => reshape(graph, value, [value.shape[0]!, 1]);

/** log of the sum of exp along the rows: `[rows, columns]` -> `[rows, 1]`. ONNX Runtime's own operator is half as fast. */
function rowLogSumExp(graph: Graph, values: Value): Value {
  const largest = reduce(graph, 'ReduceMax', values, [1], true);
  const sum = reduce(graph, 'ReduceSum', unary(graph, 'Exp', binary(graph, 'Sub', values, largest)), [1], true);
  return binary(graph, 'Add', unary(graph, 'Log', sum), largest);
}

/** The same over each row's logits. */
function logSumExp(graph: Graph, hidden: Value, weight: Value, blockSize: number): Value {
  const sums = blocksOf(weight.shape[0]!, blockSize).map((block) =>
    rowLogSumExp(graph, matMul(graph, hidden, weightBlock(graph, weight, block, false), false, true)),
  );
  return sums.length === 1 ? sums[0]! : rowLogSumExp(graph, concat(graph, sums, 1));
}

/** The rows of the weight that labels name: `[rows, d]`. */
function labelRows(graph: Graph, weight: Value, labels: Value): Value {
  const shape = [labels.shape[0]!, weight.shape[1]!];
  return graph.node({ op: 'Gather', inputs: [weight, labels], attributes: { axis: 0 }, shape, dtype: weight.dtype });
}

defineKernel('LinearTokenLogProb', ({ hidden, weight, labels }, { blockSize }, graph) => {
  const products = binary(graph, 'Mul', hidden!, labelRows(graph, weight!, labels!));
  const labelLogit = reduce(graph, 'ReduceSum', products, [1], true);
  const logProbs = binary(graph, 'Sub', labelLogit, logSumExp(graph, hidden!, weight!, blockSize));
  return reshape(graph, logProbs, labels!.shape);
});

/**
 * Probabilities of a block, transposed: `[size, rows]`. The transposed product is also another operator than the forward pass's,
 * whose logits would else be kept.
 */
function probabilities(graph: Graph, hidden: Value, weight: Value, logSum: Value): Value {
  const [rows] = hidden.shape as [number, number];
  const negated = reshape(graph, unary(graph, 'Neg', logSum), [1, rows]);
  const attributes = { transA: 0, transB: 1 };
  const shape = [weight.shape[0]!, rows];
  return unary(
    graph,
    'Exp',
    graph.node({ op: 'Gemm', inputs: [weight, hidden, negated], attributes, shape, dtype: 'float32' }),
  );
}

/** The softmax's part of the gradients: the mean row of the weight `[rows, d]`, and the gradient by the weight `[vocab, d]`. */
function softmaxGradients(
  graph: Graph,
  { hidden, weight, scale }: Readonly<Record<'hidden' | 'weight' | 'scale', Value>>,
  { blockSize, trainable }: LinearTokenLogProbOptions,
): { meanRow: Value; weightGradient: Value | undefined } {
  const negatedHidden = unary(graph, 'Neg', binary(graph, 'Mul', hidden, scale));
  const logSum = logSumExp(graph, hidden, weight, blockSize);
  const means: Value[] = [];
  const weightGradients: Value[] = [];
  for (const block of blocksOf(weight.shape[0]!, blockSize)) {
    // Each block is done before the next one begins: of the probabilities, one block is held.
    const done = [means, weightGradients].flatMap((values) => values.at(-1) ?? []);
    const rows = weightBlock(graph, weight, block, true);
    const blockProbabilities = probabilities(graph, hidden, rows, barrier(graph, logSum, done));
    if (trainable) weightGradients.push(matMul(graph, blockProbabilities, negatedHidden, false, false));
    const mean = matMul(graph, blockProbabilities, rows, true, false);
    means.push(means.length > 0 ? binary(graph, 'Add', means.at(-1)!, mean) : mean);
  }
  return { meanRow: means.at(-1)!, weightGradient: trainable ? concat(graph, weightGradients, 0) : undefined };
}

// dy * (onehot(label) - softmax) is the gradient by the logits: the softmax's part block by block, the labels' part at the end.
defineKernel('LinearTokenLogProbGrad', ({ dy, hidden, weight, labels }, attributes, graph) => {
  const scale = asColumn(graph, dy!);
  const options = attributes as unknown as LinearTokenLogProbOptions;
  const { meanRow, weightGradient } = softmaxGradients(graph, { hidden: hidden!, weight: weight!, scale }, options);
  const difference = binary(graph, 'Sub', labelRows(graph, weight!, labels!), meanRow);
  const hiddenGradient = binary(graph, 'Mul', difference, scale);
  if (!weightGradient) return [hiddenGradient];
  const indices = expand(graph, asColumn(graph, labels!), hidden!.shape);
  const atLabels = graph.node({
    op: 'ScatterElements',
    inputs: [weightGradient, indices, binary(graph, 'Mul', hidden!, scale)],
    attributes: { axis: 0, reduction: 'add' },
    shape: weight!.shape,
    dtype: 'float32',
  });
  return [hiddenGradient, atLabels];
});
tf.registerGradient({
  kernelName: 'LinearTokenLogProb',
  inputsToSave: ['hidden', 'weight', 'labels'],
  gradFunc: (dy, saved, attributes) => {
    const [hidden, weight, labels] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
    const inputs = { dy: dy as tf.Tensor, hidden, weight, labels };
    const gradients = tf.engine().runKernel('LinearTokenLogProbGrad', inputs, attributes) as tf.Tensor[];
    return { hidden: () => gradients[0]!, weight: () => gradients[1]! };
  },
});
