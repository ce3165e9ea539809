import { open, type FileHandle } from 'node:fs/promises';
import { invalidArgument } from '@hone/errors';
import { float32ToBfloat16, float32ToFloat16, STORAGE_BYTES, type StorageType } from './dtype.ts';
import type { WeightSpec } from './weights.ts';

const CHUNK_ELEMENTS = 1 << 20;
const HEADER_ALIGNMENT = 8;

/** Named tensors that lie in one flat buffer: weights, or an optimiser's moments. */
export interface FlatTensors {
  readonly flat: Float32Array;
  readonly specs: readonly WeightSpec[];
}

/**
 * Writes tensors as one safetensors file, in the order of `specs`, without a second copy of them in memory. The caller
 * makes it atomic: the file is written in place.
 */
export async function writeSafetensors(file: string, tensors: FlatTensors, storage: StorageType): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await writeFully(handle, encodeHeader(tensors.specs, storage));
    for (const spec of tensors.specs) {
      const values = tensors.flat.subarray(spec.offset, spec.offset + spec.length);
      await writeValues(handle, spec.name, values, storage);
    }
  } finally {
    await handle.close();
  }
}

function encodeHeader(specs: readonly WeightSpec[], storage: StorageType): Uint8Array {
  // Transformers refuses a file whose metadata does not say from which framework the layout is.
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let begin = 0;
  for (const { name, shape, length } of specs) {
    const end = begin + length * STORAGE_BYTES[storage];
    header[name] = { dtype: storage, shape, data_offsets: [begin, end] };
    begin = end;
  }
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const padded = Math.ceil(json.length / HEADER_ALIGNMENT) * HEADER_ALIGNMENT;
  const bytes = Buffer.alloc(8 + padded, ' ');
  bytes.writeBigUInt64LE(BigInt(padded), 0);
  json.copy(bytes, 8);
  return bytes;
}

async function writeValues(
  handle: FileHandle,
  name: string,
  values: Float32Array,
  storage: StorageType,
): Promise<void> {
  for (let start = 0; start < values.length; start += CHUNK_ELEMENTS) {
    const part = values.subarray(start, start + CHUNK_ELEMENTS);
    const stored = narrow(name, part, storage);
    await writeFully(handle, new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength));
  }
}

function narrow(name: string, values: Float32Array, storage: StorageType): Float32Array | Uint16Array {
  if (storage === 'F32') return values;
  const target = new Uint16Array(values.length);
  if (storage === 'BF16') float32ToBfloat16(values, target);
  else float32ToFloat16(values, target);
  const infinity = storage === 'BF16' ? 0x7f80 : 0x7c00;
  if (target.some((bits) => (bits & 0x7fff) === infinity)) {
    throw invalidArgument('storage', `tensor ${name} has values too large for ${storage}: store it as F32`);
  }
  return target;
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
}
