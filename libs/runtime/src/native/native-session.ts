/** Sessions through ONNX Runtime's C API: tensors over the caller's arrays, in and out, and runs on another thread. */
import type { OnnxModel } from '@hone/tfjs-onnx';
import { internal } from '@hone/errors';
import koffi from 'koffi';
import { explain } from '../explain.ts';
import type { Binding, Session, SessionOptions } from '../session.ts';
import type { TensorData, TensorView, TensorViews } from '../tensor.ts';
import type { NativeLibrary } from './library.ts';

/** ONNX Runtime's numbers of the element types. */
const FLOAT32 = 1;
const INT32 = 6;
const BOOL = 9;

const ALL_OPTIMISATIONS = 99;
const LOG_ERRORS = 3;

function elementType(data: TensorData): number {
  if (data instanceof Float32Array) return FLOAT32;
  return data instanceof Int32Array ? INT32 : BOOL;
}

/** Names as C strings, and the addresses that C wants. The text must stay reachable as long as the addresses are used. */
class NameList {
  readonly addresses: BigUint64Array;
  private readonly text: Uint8Array;

  constructor(readonly names: readonly string[]) {
    this.text = new TextEncoder().encode(names.map((name) => `${name}\0`).join(''));
    const base = this.text.length > 0 ? koffi.address(this.text) : 0n;
    let offset = 0n;
    this.addresses = BigUint64Array.from(names, (name) => {
      const address = base + offset;
      offset += BigInt(Buffer.byteLength(name)) + 1n;
      return address;
    });
  }
}

/** Inputs and outputs of runs; an output without a view is allocated by ONNX Runtime. */
class NativeBinding implements Binding {
  private readonly inputs: NameList;
  private readonly outputs: NameList;
  private readonly inputValues: BigUint64Array;
  readonly outputValues: BigUint64Array;
  /** The arrays behind the tensors: they must not be collected while the tensors are used. */
  private readonly arrays: TensorData[] = [];

  constructor(
    private readonly library: NativeLibrary,
    private readonly session: bigint,
    inputs: TensorViews,
    private readonly into: TensorViews,
    outputs: readonly string[],
  ) {
    this.inputs = new NameList(Object.keys(inputs));
    this.outputs = new NameList(outputs);
    this.inputValues = BigUint64Array.from(this.inputs.names, (name) => this.value(inputs[name]!));
    this.outputValues = BigUint64Array.from(outputs, (name) => (name in into ? this.value(into[name]!) : 0n));
  }

  private value({ data, shape }: TensorView): bigint {
    this.arrays.push(data);
    const dims = BigInt64Array.from(shape, BigInt);
    const { cpuMemory } = this.library;
    const type = elementType(data);
    const args = [cpuMemory, data, data.byteLength, dims, dims.length, type] as const;
    return this.library.make('CreateTensorWithDataAsOrtValue', ...args);
  }

  async run(): Promise<void> {
    const { inputs, outputs, inputValues, outputValues, library, session } = this;
    try {
      await library.checkAsync(
        'Run',
        session,
        null,
        inputs.addresses,
        inputValues,
        inputValues.length,
        outputs.addresses,
        outputValues.length,
        outputValues,
      );
    } catch (thrown) {
      throw explain('running a graph failed', thrown);
    }
  }

  /** The outputs: the caller's arrays, or copies of what ONNX Runtime allocated. */
  results(): Record<string, TensorData> {
    return Object.fromEntries(
      this.outputs.names.map((name, i) => [name, this.into[name]?.data ?? this.copy(this.outputValues[i]!)]),
    );
  }

  private copy(value: bigint): TensorData {
    const { library } = this;
    const info = library.make('GetTensorTypeAndShape', value);
    const type = new Int32Array(2);
    library.check('GetTensorElementType', info, type);
    const count = Number(library.make('GetTensorShapeElementCount', info));
    library.release('ReleaseTensorTypeAndShapeInfo', info);
    const Data = type[0] === FLOAT32 ? Float32Array : type[0] === INT32 ? Int32Array : Uint8Array;
    if (Data === Uint8Array && type[0] !== BOOL) throw internal(`a graph gave tensors of ONNX type ${type[0]}`);
    if (count === 0) return new Data(0);
    const memory = koffi.view(library.make('GetTensorMutableData', value), count * Data.BYTES_PER_ELEMENT);
    return new Data(memory).slice();
  }

  release(): void {
    for (const value of [...this.inputValues, ...this.outputValues]) {
      if (value !== 0n) this.library.release('ReleaseValue', value);
    }
    this.inputValues.fill(0n);
    this.outputValues.fill(0n);
    this.arrays.length = 0;
  }
}

export class NativeSession implements Session {
  private constructor(
    private readonly library: NativeLibrary,
    private readonly session: bigint,
  ) {}

  static async create(library: NativeLibrary, model: OnnxModel, options: SessionOptions): Promise<NativeSession> {
    const settings = library.make('CreateSessionOptions');
    const output = new BigUint64Array(1);
    try {
      configure(library, settings, options);
      const external = new NameList(Object.keys(options.external ?? {}));
      const buffers = Object.values(options.external ?? {});
      if (buffers.length > 0) {
        const addresses = BigUint64Array.from(buffers, (bytes) => koffi.address(bytes));
        const lengths = BigUint64Array.from(buffers, (bytes) => BigInt(bytes.length));
        const args = [settings, external.addresses, addresses, lengths, buffers.length] as const;
        library.check('AddExternalInitializersFromFilesInMemory', ...args);
      }
      const { bytes } = model;
      const args = [library.environment, bytes, bytes.length, settings, output] as const;
      await library.checkAsync('CreateSessionFromArray', ...args);
      return new NativeSession(library, output[0]!);
    } catch (thrown) {
      throw explain('opening an ONNX Runtime session failed', thrown);
    } finally {
      library.release('ReleaseSessionOptions', settings);
    }
  }

  async run(
    feeds: TensorViews,
    outputs: readonly string[],
    into: TensorViews = {},
  ): Promise<Record<string, TensorData>> {
    const names = [...new Set([...outputs, ...Object.keys(into)])];
    const binding = new NativeBinding(this.library, this.session, feeds, into, names);
    try {
      await binding.run();
      return binding.results();
    } finally {
      binding.release();
    }
  }

  bind(inputs: TensorViews, outputs: TensorViews): Binding {
    return new NativeBinding(this.library, this.session, inputs, outputs, Object.keys(outputs));
  }

  async close(): Promise<void> {
    this.library.release('ReleaseSession', this.session);
  }
}

function configure(library: NativeLibrary, settings: bigint, { threads, keepMemory = false }: SessionOptions): void {
  library.check('SetIntraOpNumThreads', settings, threads);
  library.check('SetInterOpNumThreads', settings, 1);
  library.check('SetSessionGraphOptimizationLevel', settings, ALL_OPTIMISATIONS);
  library.check('SetSessionLogSeverityLevel', settings, LOG_ERRORS);
  // The arena and the memory pattern help only together: one alone is worse than none.
  library.check(keepMemory ? 'EnableCpuMemArena' : 'DisableCpuMemArena', settings);
  library.check(keepMemory ? 'EnableMemPattern' : 'DisableMemPattern', settings);
}
