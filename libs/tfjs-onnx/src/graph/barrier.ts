import type { Graph, Value } from './ir.ts';
import { binary, reshape, slice } from './rewrite.ts';

/** The first element of a value, with the rank of `like`. */
function corner(graph: Graph, value: Value, like: Value): Value {
  const begin = value.shape.map(() => 0);
  const first = slice(
    graph,
    value,
    begin,
    value.shape.map(() => 1),
  );
  return reshape(graph, first, Array<number>(like.shape.length).fill(1));
}

/**
 * `value`, but not before `earlier` is computed. ONNX Runtime computes what it likes first and keeps it until it is used; and it
 * takes what is computed twice, to save memory, for one. A barrier is an addition of 0 times an element of what must come
 * first, which nothing folds. Where that is not finite, so is what follows: the step is lost anyway.
 */
export function barrier(graph: Graph, value: Value, earlier: readonly Value[]): Value {
  return earlier.reduce(
    (result, first) => binary(graph, 'Add', result, binary(graph, 'Mul', corner(graph, first, value), graph.scalar(0))),
    value,
  );
}
