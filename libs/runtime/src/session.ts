/** ONNX Runtime sessions over typed arrays. */
import type { TensorData, TensorViews } from './tensor.ts';

export interface SessionOptions {
  /** Threads of one operator. */
  readonly threads: number;
  /** Bytes of the weights that lie outside the model, by location. They are read while the session is opened. */
  readonly external?: Readonly<Record<string, Uint8Array>>;
  /** Keep freed memory for the next run: faster for small graphs, but the peak of large ones stays. */
  readonly keepMemory?: boolean;
  /**
   * Which of ONNX Runtime's interfaces is used. `native`, its C API, copies nothing and does not block the event loop; `js`
   * works wherever the package does. Default: native where it can be had.
   */
  readonly api?: 'native' | 'js';
}

/** A graph's inputs and outputs on arrays that stay: what is written into the inputs is what the next run reads. */
export interface Binding {
  /** Runs the graph: reads the bound inputs, writes the bound outputs. */
  run(): Promise<void>;
  /** Lets go of the arrays. */
  release(): void;
}

/** A model that is ready to run. One run at a time. */
export interface Session {
  /**
   * Runs the graph. `into` gives views for outputs that should land in arrays of the caller; the others are allocated and
   * handed over.
   */
  run(feeds: TensorViews, outputs: readonly string[], into?: TensorViews): Promise<Record<string, TensorData>>;
  /** Prepares runs that all read and write the same arrays at the same shapes. */
  bind(inputs: TensorViews, outputs: TensorViews): Binding;
  /** Lets go of the session's memory. */
  close(): Promise<void>;
}
