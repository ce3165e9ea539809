/** Tracing: plain tfjs code in, one ONNX model out, as jit is to JAX. */
import { internal } from '@hone/errors';
import { backend, BACKEND_NAME, tracedKernels } from './backend.ts';
import './kernels/fused.ts';
import './kernels/kernels.ts';
import './kernels/linear-token-log-prob.ts';
import './graph/blocks.ts';
import './graph/recompute.ts';
import './kernels/sample-token.ts';
import { emitModel } from './graph/emit.ts';
import { Graph, type ExternalLocation, type QuantizedLocation, type Shape, type Value } from './graph/ir.ts';
import * as tf from './tf.ts';

/** A tensor that is fed at every run. A dimension that differs between runs is named, with an entry in `symbols`. */
export interface TracedInput {
  readonly shape: Shape;
  readonly dtype: 'float32' | 'int32' | 'bool';
}

/** A tensor that is part of the model; its bytes are handed to the session apart. */
export interface TracedWeight {
  readonly shape: Shape;
  readonly external: ExternalLocation;
  /** Its 8-bit form, which products with its transpose then use. */
  readonly quantized?: QuantizedLocation;
}

export interface TraceOptions {
  readonly inputs: Readonly<Record<string, TracedInput>>;
  readonly weights?: Readonly<Record<string, TracedWeight>>;
  /**
   * Dimensions that are open until a run, each with the prime size that it is traced at (see `symbol`). A shape may hold them
   * and their products.
   */
  readonly symbols?: Readonly<Record<string, number>>;
}

/** A traced model. */
export interface OnnxModel {
  readonly bytes: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** Primes that no real dimension is a multiple of. */
const SYMBOL_PRIMES = [10_007, 10_009, 10_037, 10_039, 10_061, 10_067, 10_069, 10_079] as const;

/** Sizes to trace open dimensions at. */
export function symbolSizes<Name extends string>(...names: readonly Name[]): Record<Name, number> {
  if (names.length > SYMBOL_PRIMES.length) throw internal(`at most ${SYMBOL_PRIMES.length} symbolic dimensions`);
  return Object.fromEntries(names.map((name, i) => [name, SYMBOL_PRIMES[i]])) as Record<Name, number>;
}

type Tensors = Readonly<Record<string, tf.Tensor>>;

/**
 * Runs `compute` on tensors that record what is done to them, and gives the recorded computation as an ONNX model. An operation
 * that is not on the list of traceable kernels, reads data or draws random numbers is an error here, not at run time.
 */
export function trace(options: TraceOptions, compute: (inputs: Tensors, weights: Tensors) => Tensors): OnnxModel {
  const graph = new Graph(options.symbols);
  const previous = tf.engine().backendName;
  tf.setBackend(BACKEND_NAME);
  try {
    return backend.record(graph, () => {
      const tensor = (value: ReturnType<Graph['input']>): tf.Tensor =>
        tf.engine().makeTensorFromTensorInfo(backend.tensorInfo(value), backend);
      const inputs = mapValues(options.inputs, ({ shape, dtype }, name) => tensor(graph.input(name, shape, dtype)));
      const weights = mapValues(options.weights ?? {}, ({ shape, external, quantized }, name) =>
        tensor(graph.initializer(name, shape, external, { quantized })),
      );
      let outputs: Record<string, Value> = {};
      tf.tidy(() => {
        outputs = mapValues(compute(inputs, weights), (output) => backend.traced(output));
      });
      return {
        bytes: emitModel(graph, outputs),
        inputs: Object.keys(options.inputs),
        outputs: Object.keys(outputs),
      };
    });
  } catch (thrown) {
    throw explain(thrown);
  } finally {
    if (previous) tf.setBackend(previous);
  }
}

function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (item: In, name: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([name, item]) => [name, map(item, name)]));
}

/** tfjs's message for an unknown kernel does not say what could be used instead. */
function explain(thrown: unknown): unknown {
  const missing = thrown instanceof Error && /[Kk]ernel '(\w+)' not registered/.exec(thrown.message)?.[1];
  if (!missing) return thrown;
  return internal(
    `the operation "${missing}" cannot be traced; these can: ${[...tracedKernels].sort().join(', ')}`,
    thrown,
  );
}
