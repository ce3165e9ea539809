/** Sessions through onnxruntime-node. A run blocks the event loop, and every output is copied. */
import type { OnnxModel } from '@hone/tfjs-onnx';
import ort from 'onnxruntime-node';
import { explain } from './explain.ts';
import type { Binding, Session, SessionOptions } from './session.ts';
import type { TensorData, TensorView, TensorViews } from './tensor.ts';

function tensor({ data, shape }: TensorView): ort.Tensor {
  if (data instanceof Float32Array) return new ort.Tensor('float32', data, shape);
  if (data instanceof Int32Array) return new ort.Tensor('int32', data, shape);
  return new ort.Tensor('bool', data, shape);
}

function mapTensors(views: TensorViews): Record<string, ort.Tensor> {
  const tensors: Record<string, ort.Tensor> = {};
  for (const name in views) tensors[name] = tensor(views[name]!);
  return tensors;
}

export class JsSession implements Session {
  private constructor(private readonly session: ort.InferenceSession) {}

  static async create(model: OnnxModel, options: SessionOptions): Promise<JsSession> {
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
      return new JsSession(session);
    } catch (thrown) {
      throw explain('opening an ONNX Runtime session failed', thrown);
    }
  }

  async run(
    feeds: TensorViews,
    outputs: readonly string[],
    into: TensorViews = {},
  ): Promise<Record<string, TensorData>> {
    const fetches: Record<string, ort.Tensor | null> = mapTensors(into);
    for (const name of outputs) fetches[name] ??= null;
    const results = await this.compute(mapTensors(feeds), fetches);
    const data: Record<string, TensorData> = {};
    for (const name in results) data[name] = results[name]!.data as TensorData;
    return data;
  }

  bind(inputs: TensorViews, outputs: TensorViews): Binding {
    const [feeds, fetches] = [mapTensors(inputs), mapTensors(outputs)];
    return {
      run: async () => void (await this.compute(feeds, fetches)),
      release: () => undefined,
    };
  }

  private async compute(
    feeds: Record<string, ort.Tensor>,
    fetches: Record<string, ort.Tensor | null>,
  ): Promise<ort.InferenceSession.OnnxValueMapType> {
    try {
      return await this.session.run(feeds, fetches);
    } catch (thrown) {
      throw explain('running a graph failed', thrown);
    }
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}
