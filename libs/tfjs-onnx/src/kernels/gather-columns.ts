import type { Graph, Value } from '../graph/ir.ts';

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
