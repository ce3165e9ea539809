/**
 * Drawing the next token inside the graph. Not differentiable. The order of the warpers is that of Hugging Face's generate:
 * temperature, top-k, top-p.
 */
import { defineKernel } from '../backend.ts';
import { drawColumn } from './draw-column.ts';
import { gatherColumns } from './gather-columns.ts';
import type { Graph, Value } from '../graph/ir.ts';
import { binary, cast, compare, reduce, reshape, select, softmax } from '../graph/rewrite.ts';
import * as tf from '../tf.ts';
import { drawTruncated, truncated } from './truncate.ts';

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

type Inputs = Readonly<Record<string, Value>>;

/** Rows that cut nothing draw as they would without the sort, so that a row's token does not depend on its neighbours. */
function drawEachItsWay(graph: Graph, scaled: Value, { topK, topP, uniform }: Inputs): Value {
  const cutsRanks = compare(graph, 'Less', topK!, graph.scalar(scaled.shape[1]!, 'int32'));
  const cutsMass = compare(graph, 'Less', topP!, graph.scalar(1));
  const whole = drawColumn(graph, softmax(graph, scaled, 1), uniform!);
  const cut = drawTruncated(graph, scaled, { topK: topK!, topP: topP! }, uniform!);
  return select(graph, compare(graph, 'Or', cutsRanks, cutsMass), cut, whole);
}

/** The drawn tokens, `[batch, 1]` int32. */
function drawSampled(graph: Graph, inputs: Inputs): Value {
  const { logits, inverseTemperature, uniform, topK, topP, truncate } = inputs;
  const scaled = binary(graph, 'Mul', logits!, inverseTemperature!);
  const whole = drawColumn(graph, softmax(graph, scaled, 1), uniform!);
  const captured = [scaled, uniform!, topK!, topP!];
  return graph.conditional(truncate!, captured, [drawEachItsWay(graph, scaled, inputs)], [whole])[0]!;
}

/** The most probable tokens, `[batch, 1]` int32. */
function mostProbable(graph: Graph, logits: Value): Value {
  const attributes = { axis: 1, keepdims: 1 };
  const shape = [logits.shape[0]!, 1];
  return cast(graph, graph.node({ op: 'ArgMax', inputs: [logits], attributes, shape, dtype: 'int64' }), 'int32');
}

/** Below this a branch costs more than what it may save. */
const LARGE_VOCABULARY = 4096;

/**
 * `value`, `[batch, 1]` int32, where any row has the property, `[batch, 1]` bool; else zeros, which the property itself then
 * is: what no row needs is not computed.
 */
function whereAny(graph: Graph, property: Value, captured: readonly Value[], value: Value): Value {
  if (captured[0]!.shape[1]! < LARGE_VOCABULARY) return value;
  const flags = cast(graph, property, 'int32');
  const any = cast(graph, reduce(graph, 'ReduceMax', flags, [0, 1], false), 'bool');
  return graph.conditional(any, [...captured, flags], [value], [flags])[0]!;
}

defineKernel('SampleToken', (inputs, _, graph) => {
  const { logits, inverseTemperature, ...others } = inputs as Inputs;
  const [batch] = logits!.shape as [number, number];
  const greedy = compare(graph, 'Equal', inverseTemperature!, graph.scalar(0));
  const sampled = compare(graph, 'Greater', inverseTemperature!, graph.scalar(0));
  const needed = [logits!, inverseTemperature!, ...Object.values(others)];
  const drawn = whereAny(graph, sampled, needed, drawSampled(graph, inputs as Inputs));
  const likeliest = whereAny(graph, greedy, [logits!], mostProbable(graph, logits!));
  const token = select(graph, greedy, likeliest, drawn);
  const logProbs = softmax(graph, logits!, 1, 'LogSoftmax');
  return [reshape(graph, token, [batch]), reshape(graph, gatherColumns(graph, logProbs, token), [batch])];
});

defineKernel('WarpedProbabilities', ({ logits, inverseTemperature, topK, topP }, _, graph) => {
  const scaled = binary(graph, 'Mul', logits!, inverseTemperature!);
  const { tokens, probabilities } = truncated(graph, scaled, { topK: topK!, topP: topP! });
  const total = reduce(graph, 'ReduceSum', probabilities, [1], true);
  const inputs = [graph.splat(0, logits!.shape, 'float32'), tokens, binary(graph, 'Div', probabilities, total)];
  return graph.node({ op: 'ScatterElements', inputs, attributes: { axis: 1 }, shape: logits!.shape, dtype: 'float32' });
});
