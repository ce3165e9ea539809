/**
 * ONNX Runtime's C API (onnxruntime_c_api.h), called in the library that onnxruntime-node ships. The API is a table of
 * functions; the numbers below are their indices in it, which never change once released.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { failedPrecondition } from '@hone/errors';
import koffi, { type KoffiFunc, type LibraryHandle } from 'koffi';

/** The release that the indices and types below were checked against. */
const ORT_VERSION = '1.30.0';
/** Version of the table that is asked for: that of ONNX Runtime 1.18, whose AddExternalInitializersFromFilesInMemory is the newest function used. */
const API_VERSION = 18;

/** Functions of the table: index, and types of the arguments. Those that can fail give a status, null when all is well. */
const FUNCTIONS = {
  GetErrorMessage: [2, 'str', ['void *']],
  CreateEnv: [3, 'void *', ['int', 'str', 'void *']],
  CreateSessionFromArray: [8, 'void *', ['void *', 'void *', 'size_t', 'void *', 'void *']],
  Run: [9, 'void *', ['void *', 'void *', 'void *', 'void *', 'size_t', 'void *', 'size_t', 'void *']],
  CreateSessionOptions: [10, 'void *', ['void *']],
  EnableMemPattern: [16, 'void *', ['void *']],
  DisableMemPattern: [17, 'void *', ['void *']],
  EnableCpuMemArena: [18, 'void *', ['void *']],
  DisableCpuMemArena: [19, 'void *', ['void *']],
  SetSessionLogSeverityLevel: [22, 'void *', ['void *', 'int']],
  SetSessionGraphOptimizationLevel: [23, 'void *', ['void *', 'int']],
  SetIntraOpNumThreads: [24, 'void *', ['void *', 'int']],
  SetInterOpNumThreads: [25, 'void *', ['void *', 'int']],
  CreateTensorWithDataAsOrtValue: [49, 'void *', ['void *', 'void *', 'size_t', 'void *', 'size_t', 'int', 'void *']],
  GetTensorMutableData: [51, 'void *', ['void *', 'void *']],
  GetTensorElementType: [60, 'void *', ['void *', 'void *']],
  GetTensorShapeElementCount: [64, 'void *', ['void *', 'void *']],
  GetTensorTypeAndShape: [65, 'void *', ['void *', 'void *']],
  CreateCpuMemoryInfo: [69, 'void *', ['int', 'int', 'void *']],
  ReleaseStatus: [93, 'void', ['void *']],
  ReleaseSession: [95, 'void', ['void *']],
  ReleaseValue: [96, 'void', ['void *']],
  ReleaseTensorTypeAndShapeInfo: [99, 'void', ['void *']],
  ReleaseSessionOptions: [100, 'void', ['void *']],
  AddExternalInitializersFromFilesInMemory: [279, 'void *', ['void *', 'void *', 'void *', 'void *', 'size_t']],
} as const satisfies Record<string, readonly [number, string, readonly string[]]>;

type FunctionName = keyof typeof FUNCTIONS;
/** An address in memory, or an array that lies there. */
export type Pointer = bigint | ArrayBufferView | null;
type Argument = Pointer | number | string;

const LOG_ERRORS = 3;

/** The functions, with failures as errors. */
export class NativeLibrary {
  private readonly functions: Readonly<Record<FunctionName, KoffiFunc<(...args: Argument[]) => unknown>>>;
  /** The process's environment and the kind of memory that tensors lie in; they live as long as the process. */
  readonly environment: bigint;
  readonly cpuMemory: bigint;

  /** The handle must stay reachable: a library whose handle is collected is unloaded. */
  constructor(private readonly handle: LibraryHandle) {
    const [getApi, getVersion] = pointersAt(this.handle.func('OrtGetApiBase', 'void *', [])() as bigint, 2);
    const version = koffi.call(getVersion, koffi.proto('str', [])) as string;
    if (version !== ORT_VERSION) throw new Error(`its version is ${version}, not ${ORT_VERSION}`);
    const table = koffi.call(getApi, koffi.proto('void *', ['uint32_t']), API_VERSION) as bigint | null;
    if (table === null) throw new Error(`it does not serve version ${API_VERSION} of the C API`);
    const count = Math.max(...Object.values(FUNCTIONS).map(([index]) => index)) + 1;
    const addresses = pointersAt(table, count);
    const entries = Object.entries(FUNCTIONS).map(([name, [index, result, args]]) => [
      name,
      koffi.decode(addresses[index], koffi.proto(result, [...args])) as unknown,
    ]);
    this.functions = Object.fromEntries(entries) as typeof this.functions;
    this.environment = this.make('CreateEnv', LOG_ERRORS, 'hone');
    this.cpuMemory = this.make('CreateCpuMemoryInfo', 0, 0);
  }

  /** Calls a function that gives a status. */
  check(name: FunctionName, ...args: Argument[]): void {
    this.checkStatus(this.functions[name](...args) as bigint | null);
  }

  /** The same on another thread, which leaves the event loop free. */
  async checkAsync(name: FunctionName, ...args: Argument[]): Promise<void> {
    const status = await new Promise<bigint | null>((resolve, reject) => {
      const done = (error: unknown, result: unknown): void =>
        error ? reject(error as Error) : resolve(result as bigint | null);
      (this.functions[name].async as (...all: unknown[]) => void)(...args, done);
    });
    this.checkStatus(status);
  }

  /** What a function makes and stores at its last argument. */
  make(name: FunctionName, ...args: Argument[]): bigint {
    const output = new BigUint64Array(1);
    this.check(name, ...args, output);
    return output[0]!;
  }

  /** Calls a function that cannot fail. */
  release(name: FunctionName, pointer: bigint): void {
    this.functions[name](pointer);
  }

  private checkStatus(status: bigint | null): void {
    if (status === null || status === 0n) return;
    const message = this.functions.GetErrorMessage(status) as string;
    this.functions.ReleaseStatus(status);
    throw new Error(message);
  }
}

/** So many pointers that lie at an address. */
function pointersAt(address: bigint, count: number): bigint[] {
  return Array.from(new BigUint64Array(koffi.view(address, count * BigUint64Array.BYTES_PER_ELEMENT)));
}

function open(): NativeLibrary {
  const require = createRequire(import.meta.url);
  const root = path.dirname(require.resolve('onnxruntime-node/package.json'));
  if (process.platform !== 'linux') throw new Error(`it is not called on ${process.platform}`);
  const file = path.join(root, 'bin', 'napi-v6', 'linux', process.arch, 'libonnxruntime.so.1');
  // Koffi runs C on stacks of its own; their default size is too small for opening a session.
  koffi.config({ sync_stack_size: 2 ** 24, async_stack_size: 2 ** 23, resident_async_pools: 2, max_async_calls: 16 });
  return new NativeLibrary(koffi.load(file));
}

let opened: { library: NativeLibrary } | { reason: unknown } | undefined;

/**
 * The library, opened at the first call; undefined where it cannot be used, which is warned of once. With `required` that is an
 * error.
 */
export function nativeLibrary({ required }: { readonly required: boolean }): NativeLibrary | undefined {
  if (!opened) {
    try {
      opened = { library: open() };
    } catch (reason) {
      opened = { reason };
      const advice = "sampling and training run through its JavaScript API, which is slower; 'hone doctor' says more";
      if (!required) process.emitWarning(`ONNX Runtime's C API cannot be used (${messageOf(reason)}): ${advice}`);
    }
  }
  if ('library' in opened) return opened.library;
  if (!required) return undefined;
  const message = `ONNX Runtime's C API cannot be used: ${messageOf(opened.reason)}`;
  throw failedPrecondition('NATIVE_RUNTIME_UNAVAILABLE', message);
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
