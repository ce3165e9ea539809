import type { Graph, Value } from '../graph/ir.ts';
import { expand, reshape } from '../graph/rewrite.ts';

/**
 * Sums of the slices that share a segment: values `[n, ...]`, segments `[n]` -> `[count, ...]`. By ScatterElements, whose
 * additions ONNX Runtime makes one after another; those of its ScatterND run on several threads at once and lose some where
 * a segment occurs twice.
 */
export function segmentSum(graph: Graph, values: Value, segments: Value, count: number): Value {
  const shape = [count, ...values.shape.slice(1)];
  const column = reshape(graph, segments, [segments.shape[0]!, ...shape.slice(1).map(() => 1)]);
  const inputs = [graph.splat(0, shape, values.dtype), expand(graph, column, values.shape), values];
  const attributes = { axis: 0, reduction: 'add' };
  return graph.node({ op: 'ScatterElements', inputs, attributes, shape, dtype: values.dtype });
}
