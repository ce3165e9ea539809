import { open, type FileHandle } from 'node:fs/promises';
import { dataLoss, throwIfAborted } from '@hone/errors';
import { bfloat16ToFloat32, float16ToFloat32 } from './dtype.ts';
import { readExactly, readInto, readSafetensorsHeader, type StoredTensor } from './safetensors-header.ts';

/** Small enough to stay in cache while it is converted, and to let other work in between. */
const CHUNK_BYTES = 1 << 20;

const WIDEN: { readonly [dtype: string]: (source: Uint16Array, target: Float32Array) => void } = {
  BF16: bfloat16ToFloat32,
  F16: float16ToFloat32,
};

/** An open safetensors file; the caller closes it. */
export class SafetensorsFile {
  readonly file: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly #handle: FileHandle;

  private constructor(file: string, handle: FileHandle, tensors: readonly StoredTensor[]) {
    this.file = file;
    this.#handle = handle;
    this.tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  }

  /** Opens the file and checks its header. */
  static async open(file: string): Promise<SafetensorsFile> {
    const handle = await open(file, 'r');
    try {
      return new SafetensorsFile(file, handle, await readSafetensorsHeader(handle, file));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Reads one tensor into `target` as fp32: straight into place if it is stored so, else chunk by chunk. */
  async read(tensor: StoredTensor, target: Float32Array, signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (tensor.dtype === 'F32') {
      const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
      return readInto(this.#handle, this.file, tensor.position, bytes);
    }
    const widen = WIDEN[tensor.dtype];
    if (!widen)
      throw dataLoss(this.file, `tensor ${tensor.name} is stored as ${tensor.dtype}, not as F32, F16 or BF16`);
    const chunk = new Uint16Array(Math.min(CHUNK_BYTES, tensor.bytes) / 2);
    for (let done = 0; done < target.length; done += chunk.length) {
      throwIfAborted(signal);
      const part = chunk.subarray(0, Math.min(chunk.length, target.length - done));
      const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
      await readInto(this.#handle, this.file, tensor.position + 2 * done, bytes);
      widen(part, target.subarray(done, done + part.length));
    }
  }

  /** The bytes of one tensor as they are stored. */
  async readBytes(tensor: StoredTensor): Promise<Uint8Array<ArrayBuffer>> {
    return readExactly(this.#handle, this.file, tensor.position, tensor.bytes);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
