/**
 * Activation recomputation (Chen et al., arXiv 1604.06174): of what lies between two boundaries, the backward pass computes again
 * what it needs, so that only the boundaries themselves are held from the forward pass on.
 */
import { backend, defineKernel } from '../backend.ts';
import { barrier } from './barrier.ts';
import type { Graph, Value } from './ir.ts';
import * as tf from '../tf.ts';

/** A value that is kept, and the gradient that arrives at it. */
interface Boundary {
  readonly value: Value;
  gradient?: Value;
}

/** Of each graph, the boundaries in the order of the forward pass. */
const boundariesOf = new WeakMap<Graph, Boundary[]>();

/** Marks a value between two layers, for `recompute`; otherwise the value itself. */
export function boundary(x: tf.Tensor2D): tf.Tensor2D {
  return tf.engine().runKernel('Boundary', { x } as unknown as tf.NamedTensorMap) as tf.Tensor2D;
}
defineKernel('Boundary', ({ x }, _, graph) => {
  const boundaries = boundariesOf.get(graph) ?? [];
  boundariesOf.set(graph, boundaries);
  boundaries.push({ value: x! });
  return x!;
});
defineKernel('BoundaryGradient', ({ dy, x }, _, graph) => {
  const found = boundariesOf.get(graph)?.find(({ value }) => value === x);
  if (found) found.gradient = dy!;
  return dy!;
});
tf.registerGradient({
  kernelName: 'Boundary',
  inputsToSave: ['x'],
  gradFunc: (dy, saved) => {
    const inputs = { dy: dy as tf.Tensor, x: saved[0]! };
    return { x: () => tf.engine().runKernel('BoundaryGradient', inputs) as tf.Tensor };
  },
});

/** Everything that outputs need, each value behind its inputs: ids rise in the order of making. */
function needed(outputs: readonly Value[]): Value[] {
  const found = new Set(outputs);
  for (const value of found) for (const input of value.inputs) found.add(input);
  return [...found].sort((a, b) => a.id - b.id);
}

/** Rewrites the backward pass of a graph. */
class Recomputation {
  private readonly backward = new Map<Value, Value>();
  private readonly again = new Map<Value, Value>();

  constructor(
    private readonly graph: Graph,
    private readonly boundaries: readonly Required<Boundary>[],
    /** The last value of the forward pass. */
    private readonly last: Value,
  ) {}

  run(outputs: readonly Value[]): Value[] {
    for (const value of needed(outputs)) {
      if (value.id <= this.last.id) continue;
      const inputs = value.inputs.map((input) => this.forBackward(input));
      this.backward.set(value, this.graph.copy(value, inputs));
    }
    return outputs.map((output) => this.backward.get(output) ?? output);
  }

  private forBackward(value: Value): Value {
    return value.id > this.last.id ? this.backward.get(value)! : this.recomputed(value);
  }

  /** A value of the forward pass as the backward pass is to get it. */
  private recomputed(value: Value): Value {
    const known = this.again.get(value);
    if (known) return known;
    const made = this.isHeld(value) ? value : this.compute(value);
    this.again.set(value, made);
    return made;
  }

  /** What lies outside the layers is held, and so are boundaries. */
  private isHeld(value: Value): boolean {
    const [first, end] = [this.boundaries[0]!, this.boundaries.at(-1)!];
    return value.id <= first.value.id || value.id >= end.value.id || this.boundaries.some((it) => it.value === value);
  }

  /** From the boundary before it. What does not depend on the boundary comes out as itself. */
  private compute(value: Value): Value {
    const inputs = value.inputs.map((input) => {
      const index = this.boundaries.findIndex((it) => it.value === input);
      return index >= 0 ? this.restart(index) : this.recomputed(input);
    });
    return this.graph.copy(value, inputs);
  }

  /** A boundary, not before the gradient has arrived at the next one. */
  private restart(index: number): Value {
    const { value } = this.boundaries[index]!;
    const next = this.boundaries[index + 1];
    return next ? barrier(this.graph, value, [this.forBackward(next.gradient)]) : value;
  }
}

/**
 * `outputs` of a differentiated computation, the backward pass of which computes again what lies between boundaries. `last`: the
 * value that was differentiated.
 */
export function recompute(outputs: Readonly<Record<string, tf.Tensor>>, last: tf.Tensor): Record<string, tf.Tensor> {
  const { graph } = backend;
  const boundaries = (boundariesOf.get(graph) ?? []).flatMap(({ value, gradient }) =>
    gradient ? [{ value, gradient }] : [],
  );
  if (boundaries.length < 2) return { ...outputs };
  const values = Object.values(outputs).map((output) => backend.traced(output));
  const rewritten = new Recomputation(graph, boundaries, backend.traced(last)).run(values);
  return Object.fromEntries(
    Object.keys(outputs).map((name, i) => [
      name,
      tf.engine().makeTensorFromTensorInfo(backend.tensorInfo(rewritten[i]!), backend),
    ]),
  );
}
