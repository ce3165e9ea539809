/**
 * Drawing the next token inside the graph. Not differentiable. The order of the warpers is that of Hugging Face's generate:
 * temperature, top-k, top-p.
 */
import { defineKernel } from './backend.ts';
import { gatherColumns } from './fused.ts';
import type { Graph, Value } from './ir.ts';
import { binary, cast, compare, reduce, reshape, select, slice, softmax } from './rewrite.ts';
import * as tf from './tf.ts';

/** What a draw needs, one row a sequence. */
export interface SampleInputs {
  /** `[batch, vocab]`. */
  readonly logits: tf.Tensor2D;
  /** `[batch, 1]`: 1 / temperature; 0 means the most probable token, the lowest id at a tie. */
  readonly inverseTemperature: tf.Tensor2D;
  /** `[batch, 1]`, in [0, 1 - 2^-23]: the point of the distribution function that is drawn. */
  readonly uniform: tf.Tensor2D;
  /** `[batch, 1]` int32: keep the k most probable; the vocabulary's size keeps all. */
  readonly topK: tf.Tensor2D;
  /** `[batch, 1]`: keep the smallest set of most probable tokens that reaches it; 1 keeps all. */
  readonly topP: tf.Tensor2D;
  /** `[]` bool: whether any row has a top-k or top-p that cuts; only then are the logits sorted. */
  readonly truncate: tf.Scalar;
}

/** The drawn token `[batch]` and its log-prob at temperature 1, untruncated `[batch]`. */
export function sampleToken(inputs: SampleInputs): { token: tf.Tensor1D; logProb: tf.Tensor1D } {
  const [token, logProb] = tf
    .engine()
    .runKernel('SampleToken', { ...inputs } as unknown as tf.NamedTensorMap) as tf.Tensor1D[];
  return { token: token!, logProb: logProb! };
}

/** The probabilities `[batch, vocab]` that a truncated draw is made from. For checks against other implementations. */
export function warpedProbabilities(inputs: Omit<SampleInputs, 'uniform' | 'truncate'>): tf.Tensor2D {
  return tf.engine().runKernel('WarpedProbabilities', { ...inputs } as unknown as tf.NamedTensorMap) as tf.Tensor2D;
}

function cumulativeSum(graph: Graph, rows: Value): Value {
  return graph.node({ op: 'CumSum', inputs: [rows, graph.scalar(1, 'int32')], shape: rows.shape, dtype: 'float32' });
}

/** How many elements of each row are true, `[batch, 1]` int32. */
const countTrue = (graph: Graph, rows: Value): Value =>
  reduce(graph, 'ReduceSum', cast(graph, rows, 'int32'), [1], true);

/** The first column whose cumulative probability exceeds uniform * total: `[batch, 1]` int32. */
function drawColumn(graph: Graph, probabilities: Value, uniform: Value): Value {
  const cumulative = cumulativeSum(graph, probabilities);
  const [rows, columns] = cumulative.shape as [number, number];
  const total = slice(graph, cumulative, [0, columns - 1], [rows, 1]);
  const target = binary(graph, 'Mul', uniform, total);
  return countTrue(graph, compare(graph, 'LessOrEqual', cumulative, target));
}

/** Tokens sorted by probability, and the probabilities that top-k and top-p leave of them. */
function truncated(
  graph: Graph,
  scaled: Value,
  topK: Value,
  topP: Value,
): { tokens: Value; kept: Value; probabilities: Value } {
  const [, vocab] = scaled.shape as [number, number];
  const [values, tokens] = graph.multi(
    { op: 'TopK', inputs: [scaled, graph.sizes([vocab])], attributes: { axis: 1, largest: 1, sorted: 1 } },
    [
      { shape: scaled.shape, dtype: 'float32' },
      { shape: scaled.shape, dtype: 'int64' },
    ],
  ) as [Value, Value];
  const ranks = graph.constant(
    Int32Array.from({ length: vocab }, (_, rank) => rank),
    [1, vocab],
    'int32',
  );
  const inTopK = compare(graph, 'Less', ranks, topK);
  const cut = softmax(graph, select(graph, inTopK, values, graph.scalar(-Infinity)), 1);
  // A token stays while the more probable ones before it have not reached top-p; the first always stays.
  const before = binary(graph, 'Sub', cumulativeSum(graph, cut), cut);
  const kept = compare(graph, 'And', inTopK, compare(graph, 'Less', before, topP));
  return { tokens, kept, probabilities: select(graph, kept, cut, graph.scalar(0)) };
}

/** Rows that cut nothing draw as they would without the sort, so that a row's token does not depend on its neighbours. */
function drawEachItsWay(graph: Graph, scaled: Value, inputs: Record<string, Value>): Value {
  const cutsRanks = compare(graph, 'Less', inputs['topK']!, graph.scalar(scaled.shape[1]!, 'int32'));
  const cutsMass = compare(graph, 'Less', inputs['topP']!, graph.scalar(1));
  const whole = drawWhole(graph, scaled, inputs['uniform']!);
  return select(graph, compare(graph, 'Or', cutsRanks, cutsMass), drawTruncated(graph, scaled, inputs), whole);
}

function drawTruncated(graph: Graph, scaled: Value, { topK, topP, uniform }: Record<string, Value>): Value {
  const { tokens, kept, probabilities } = truncated(graph, scaled, topK!, topP!);
  const lastKept = binary(graph, 'Sub', countTrue(graph, kept), graph.scalar(1, 'int32'));
  const column = binary(graph, 'Min', drawColumn(graph, probabilities, uniform!), lastKept);
  return cast(graph, gatherColumns(graph, tokens, cast(graph, column, 'int64')), 'int32');
}

function drawWhole(graph: Graph, scaled: Value, uniform: Value): Value {
  const column = drawColumn(graph, softmax(graph, scaled, 1), uniform);
  return binary(graph, 'Min', column, graph.scalar(scaled.shape[1]! - 1, 'int32'));
}

defineKernel('SampleToken', (inputs, _, graph) => {
  const { logits, inverseTemperature, uniform, truncate } = inputs;
  const [batch] = logits!.shape as [number, number];
  const scaled = binary(graph, 'Mul', logits!, inverseTemperature!);
  const captured = [scaled, uniform!, inputs['topK']!, inputs['topP']!];
  const [drawn] = graph.conditional(
    truncate!,
    captured,
    [drawEachItsWay(graph, scaled, inputs)],
    [drawWhole(graph, scaled, uniform!)],
  );
  const argMax = graph.node({
    op: 'ArgMax',
    inputs: [logits!],
    attributes: { axis: 1, keepdims: 1 },
    shape: [batch, 1],
    dtype: 'int64',
  });
  const greedy = compare(graph, 'Equal', inverseTemperature!, graph.scalar(0));
  const token = select(graph, greedy, cast(graph, argMax, 'int32'), drawn!);
  const logProbs = softmax(graph, logits!, 1, 'LogSoftmax');
  return [reshape(graph, token, [batch]), reshape(graph, gatherColumns(graph, logProbs, token), [batch])];
});

defineKernel('WarpedProbabilities', ({ logits, inverseTemperature, topK, topP }, _, graph) => {
  const scaled = binary(graph, 'Mul', logits!, inverseTemperature!);
  const { tokens, probabilities } = truncated(graph, scaled, topK!, topP!);
  const total = reduce(graph, 'ReduceSum', probabilities, [1], true);
  const inputs = [graph.splat(0, logits!.shape, 'float32'), tokens, binary(graph, 'Div', probabilities, total)];
  return graph.node({ op: 'ScatterElements', inputs, attributes: { axis: 1 }, shape: logits!.shape, dtype: 'float32' });
});
