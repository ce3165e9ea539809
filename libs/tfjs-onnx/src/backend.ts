/** A tfjs backend whose tensors are values of a graph: running an operation records it. */
import { internal } from '@hone/errors';
import type { DType, Graph, Shape, TypedData, Value } from './graph/ir.ts';
import { sizeOf } from './graph/ir.ts';
import * as tf from './tf.ts';

export const BACKEND_NAME = 'hone-trace';

interface Entry {
  readonly value: Value;
  references: number;
}

/** tfjs knows no int64 and no uint8: such values are int32 to it. */
const tensorType = (dtype: DType): tf.DataType => (dtype === 'int64' || dtype === 'uint8' ? 'int32' : dtype);

function typedData(values: tf.BackendValues, dtype: DType): TypedData {
  if (dtype === 'float32') return values instanceof Float32Array ? values : Float32Array.from(values as Uint8Array);
  if (dtype === 'bool') return Uint8Array.from(values as Uint8Array);
  return values instanceof Int32Array ? values : Int32Array.from(values as Uint8Array);
}

/** Records into the graph that `record` gives it. */
export class TraceBackend extends tf.KernelBackend {
  /** Of the graph under construction only: a tensor of an earlier one is none of its values. */
  private entries = new WeakMap<object, Entry>();
  private current: Graph | undefined;

  /** The graph under construction. */
  get graph(): Graph {
    if (!this.current) throw internal('tensors of the tracing backend exist only inside trace()');
    return this.current;
  }

  /** Runs `work` with operations recorded into `graph`. */
  record<T>(graph: Graph, work: () => T): T {
    if (this.current) throw internal('trace() does not nest');
    this.current = graph;
    try {
      return work();
    } finally {
      this.current = undefined;
      this.entries = new WeakMap();
    }
  }

  /** A tensor that stands for a value. */
  tensorInfo(value: Value, dtype: tf.DataType = tensorType(value.dtype)): tf.TensorInfo {
    const dataId = {};
    this.entries.set(dataId, { value, references: 1 });
    return { dataId, shape: [...value.shape], dtype };
  }

  /** The value that a tensor stands for. */
  traced(tensor: tf.TensorInfo): Value {
    return this.entry(tensor.dataId).value;
  }

  private entry(dataId: object): Entry {
    const entry = this.entries.get(dataId);
    if (!entry)
      throw internal('a tensor of another backend or of an earlier trace, or a disposed one, was used while tracing');
    return entry;
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: object, values: tf.BackendValues, shape: Shape, dtype: tf.DataType, references: number): void {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')
      throw internal(`cannot trace a tensor of type ${dtype}`);
    const value = this.graph.constant(typedData(values, dtype), shape, dtype);
    this.entries.set(dataId, { value, references });
  }

  /** Only constants have data while tracing: code that looks at any other value cannot be traced. */
  override readSync(dataId: object): tf.BackendValues {
    const { value } = this.entry(dataId);
    if (value.op === 'Constant' && value.dtype !== 'int64') return value.data as tf.BackendValues;
    if (value.op === 'Splat') return new Float32Array(sizeOf(value.shape)).fill(value.scalar!);
    throw internal(
      `the data of a traced tensor was read (${value.op}, shape [${value.shape.join()}]): traced code must not look at values`,
    );
  }
  override async read(dataId: object): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  override refCount(dataId: object): number {
    return this.entries.get(dataId)?.references ?? 0;
  }
  override incRef(dataId: object): void {
    this.entry(dataId).references += 1;
  }
  decRef(dataId: object): void {
    this.entry(dataId).references -= 1;
  }
  override disposeData(dataId: object, force = false): boolean {
    const entry = this.entries.get(dataId);
    if (!entry) return true;
    entry.references -= 1;
    if (!force && entry.references > 0) return false;
    this.entries.delete(dataId);
    return true;
  }
  override numDataIds(): number {
    return 0;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override timerAvailable(): boolean {
    return false;
  }
  override dispose(): void {
    this.current = undefined;
  }
}

/** The one tracing backend of the process. */
export const backend = new TraceBackend();
tf.registerBackend(BACKEND_NAME, () => backend, 0);

/** A kernel's attributes. Their types hang on the kernel's name, which only the kernel itself knows. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type KernelAttributes = Readonly<Record<string, any>>;

/** A kernel of the tracing backend: values in, values out. */
export type TraceKernel = (
  inputs: Readonly<Record<string, Value>>,
  attributes: KernelAttributes,
  graph: Graph,
) => Value | readonly Value[];

/** Names of all kernels that can be traced. */
export const tracedKernels = new Set<string>();

/** Adds a kernel to the closed list of those that can be traced. */
export function defineKernel(kernelName: string, kernel: TraceKernel): void {
  tracedKernels.add(kernelName);
  tf.registerKernel({
    kernelName,
    backendName: BACKEND_NAME,
    kernelFunc: ({ inputs, attrs }) => {
      const values = Object.fromEntries(
        Object.entries(inputs).flatMap(([name, tensor]) =>
          tensor ? [[name, backend.traced(tensor as tf.TensorInfo)]] : [],
        ),
      );
      const made = kernel(values, attrs ?? {}, backend.graph);
      return Array.isArray(made)
        ? made.map((value: Value) => backend.tensorInfo(value))
        : backend.tensorInfo(made as Value);
    },
  });
}
