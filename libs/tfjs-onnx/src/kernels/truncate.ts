/** What top-k and top-p leave of a distribution. The order of the warpers is that of Hugging Face's generate. */
import { countTrue, cumulativeSum, drawColumn } from './draw-column.ts';
import { gatherColumns } from './gather-columns.ts';
import type { Graph, Value } from '../graph/ir.ts';
import { binary, cast, compare, reduce, select, slice, softmax } from '../graph/rewrite.ts';

/** How far each row is truncated, `[batch, 1]` each: see SampleInputs. */
export interface Limits {
  readonly topK: Value;
  readonly topP: Value;
}

/** So many of the most probable tokens are looked at before all are sorted: top-k and top-p rarely leave more. */
const FEW_TOKENS = 512;

/** The `count` most probable, sorted. */
function mostProbable(graph: Graph, rows: Value, count: number): { values: Value; tokens: Value; ranks: Value } {
  const shape = [rows.shape[0]!, count];
  const attributes = { axis: 1, largest: 1, sorted: 1 };
  const [values, tokens] = graph.multi({ op: 'TopK', inputs: [rows, graph.sizes([count])], attributes }, [
    { shape, dtype: 'float32' },
    { shape, dtype: 'int64' },
  ]) as [Value, Value];
  const order = Int32Array.from({ length: count }, (_, rank) => rank);
  return { values, tokens, ranks: graph.constant(order, [1, count], 'int32') };
}

/** Tokens sorted by probability, and the probabilities that are left of them. `scaled [batch, vocab]`: logits / temperature. */
export function truncated(
  graph: Graph,
  scaled: Value,
  { topK, topP }: Limits,
): { tokens: Value; kept: Value; probabilities: Value } {
  const { values, tokens, ranks } = mostProbable(graph, scaled, scaled.shape[1]!);
  const inTopK = compare(graph, 'Less', ranks, topK);
  const cut = softmax(graph, select(graph, inTopK, values, graph.scalar(-Infinity)), 1);
  // A token stays while the more probable ones before it have not reached top-p; the first always stays.
  const before = binary(graph, 'Sub', cumulativeSum(graph, cut), cut);
  const kept = compare(graph, 'And', inTopK, compare(graph, 'Less', before, topP));
  return { tokens, kept, probabilities: select(graph, kept, cut, graph.scalar(0)) };
}

/** The token that `uniform` draws of what is left: `[batch, 1]` int32. */
function drawOf(graph: Graph, tokens: Value, kept: Value, probabilities: Value, uniform: Value): Value {
  const lastKept = binary(graph, 'Sub', countTrue(graph, kept), graph.scalar(1, 'int32'));
  const column = binary(graph, 'Min', drawColumn(graph, probabilities, uniform), lastKept);
  return cast(graph, gatherColumns(graph, tokens, cast(graph, column, 'int64')), 'int32');
}

function drawSorted(graph: Graph, scaled: Value, limits: Limits, uniform: Value): Value {
  const { tokens, kept, probabilities } = truncated(graph, scaled, limits);
  return drawOf(graph, tokens, kept, probabilities, uniform);
}

/** The same draw from the few most probable tokens, and for which rows those are enough, `[batch, 1]` bool. */
function drawFew(graph: Graph, scaled: Value, { topK, topP }: Limits, uniform: Value): { drawn: Value; enough: Value } {
  const [batch, vocab] = scaled.shape as [number, number];
  const { values, tokens, ranks } = mostProbable(graph, softmax(graph, scaled, 1), FEW_TOKENS);
  const inTopK = compare(graph, 'Less', ranks, topK);
  const cut = select(graph, inTopK, values, graph.scalar(0));
  const cumulative = cumulativeSum(graph, cut);
  const found = slice(graph, cumulative, [0, FEW_TOKENS - 1], [batch, 1]);
  // What top-p is a share of: all that top-k leaves.
  const cutsRanks = compare(graph, 'Less', topK, graph.scalar(vocab, 'int32'));
  const total = select(graph, cutsRanks, found, graph.scalar(1));
  const limit = binary(graph, 'Mul', topP, total);
  const kept = compare(graph, 'And', inTopK, compare(graph, 'Less', binary(graph, 'Sub', cumulative, cut), limit));
  const allRanks = compare(graph, 'LessOrEqual', topK, graph.scalar(FEW_TOKENS, 'int32'));
  const allMass = compare(graph, 'Less', limit, found);
  const enough = compare(graph, 'Or', allRanks, compare(graph, 'And', allMass, not(graph, cutsRanks)));
  return { drawn: drawOf(graph, tokens, kept, select(graph, kept, cut, graph.scalar(0)), uniform), enough };
}

const not = (graph: Graph, value: Value): Value =>
  graph.node({ op: 'Not', inputs: [value], shape: value.shape, dtype: 'bool' });

/**
 * The token that `uniform` `[batch, 1]` draws of what the limits leave, `[batch, 1]` int32. All tokens are sorted only where a
 * row needs it; the other rows keep what they drew of few, so that no row's token depends on its neighbours.
 */
export function drawTruncated(graph: Graph, scaled: Value, limits: Limits, uniform: Value): Value {
  if (scaled.shape[1]! <= 4 * FEW_TOKENS) return drawSorted(graph, scaled, limits, uniform);
  const { drawn, enough } = drawFew(graph, scaled, limits, uniform);
  const wants = reduce(graph, 'ReduceMin', cast(graph, enough, 'int32'), [0, 1], false);
  const captured = [scaled, limits.topK, limits.topP, uniform, drawn, enough];
  const sorted = select(graph, enough, drawn, drawSorted(graph, scaled, limits, uniform));
  return graph.conditional(cast(graph, wants, 'bool'), captured, [drawn], [sorted])[0]!;
}
