/** ONNX Runtime sessions over typed arrays. */
import { internal, resourceExhausted } from '@hone/errors';
import type { OnnxModel } from '@hone/tfjs-onnx';
import ort from 'onnxruntime-node';

/** The arrays that tensors are made over. Their class is the tensor's type: float32, int32, or bool. */
export type TensorData = Float32Array | Int32Array | Uint8Array;

/** A tensor over a typed array, which is used in place and never copied on its way in. */
export interface TensorView {
  readonly data: TensorData;
  readonly shape: readonly number[];
}

export interface SessionOptions {
  /** Threads of one operator. */
  readonly threads: number;
  /** Bytes of the weights that lie outside the model, by location. They must stay unchanged while the session lives. */
  readonly external?: Readonly<Record<string, Uint8Array>>;
  /** Keep freed memory for the next run: faster for small graphs, but the peak of large ones stays. */
  readonly keepMemory?: boolean;
}

function tensor({ data, shape }: TensorView): ort.Tensor {
  if (data instanceof Float32Array) return new ort.Tensor('float32', data, shape);
  if (data instanceof Int32Array) return new ort.Tensor('int32', data, shape);
  return new ort.Tensor('bool', data, shape);
}

function mapTensors(views: Readonly<Record<string, TensorView>>): Record<string, ort.Tensor> {
  const tensors: Record<string, ort.Tensor> = {};
  for (const name in views) tensors[name] = tensor(views[name]!);
  return tensors;
}

/** A model that is ready to run. */
export class Session {
  private constructor(private readonly session: ort.InferenceSession) {}

  /** Opens a session. Weights from `external` are read here; ONNX Runtime keeps its own packed form of them. */
  static async create(model: OnnxModel, options: SessionOptions): Promise<Session> {
    const external = Object.entries(options.external ?? {}).map(([path, data]) => ({ path, data }));
    // The arena and the memory pattern help only together: one alone is worse than none.
    const keepMemory = options.keepMemory ?? false;
    try {
      const session = await ort.InferenceSession.create(model.bytes, {
        executionProviders: ['cpu'],
        intraOpNumThreads: options.threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        enableCpuMemArena: keepMemory,
        enableMemPattern: keepMemory,
        logSeverityLevel: 3,
        ...(external.length > 0 && { externalData: external }),
      });
      return new Session(session);
    } catch (thrown) {
      throw explain('opening an ONNX Runtime session failed', thrown);
    }
  }

  /**
   * Runs the graph. `into` gives places for outputs that should land in arrays of the caller; the others are allocated. The
   * event loop is blocked meanwhile: call it in a process of its own.
   */
  async run(
    feeds: Readonly<Record<string, TensorView>>,
    outputs: readonly string[],
    into: Readonly<Record<string, TensorView>> = {},
  ): Promise<Record<string, TensorData>> {
    const fetches: Record<string, ort.Tensor | null> = mapTensors(into);
    for (const name of outputs) fetches[name] ??= null;
    try {
      const results = await this.session.run(mapTensors(feeds), fetches);
      const data: Record<string, TensorData> = {};
      for (const name in results) data[name] = results[name]!.data as TensorData;
      return data;
    } catch (thrown) {
      throw explain('running a graph failed', thrown);
    }
  }

  /** Lets go of the session's memory. */
  async close(): Promise<void> {
    await this.session.release();
  }
}

function explain(what: string, thrown: unknown): Error {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (/alloc|out of memory|bad_alloc/i.test(message)) {
    return resourceExhausted('OUT_OF_MEMORY', `${what}: not enough memory (${message})`, thrown);
  }
  return internal(`${what}: ${message}`, thrown);
}
