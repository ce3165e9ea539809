import type { FileHandle } from 'node:fs/promises';
import { dataLoss } from '@hone/errors';
import { elementCount } from './weights.ts';

/** Bytes of one element of each type that a header may name here. Weights are read from the first three only. */
const ELEMENT_BYTES = { F32: 4, F16: 2, BF16: 2, F64: 8, I64: 8, I32: 4, U8: 1 } as const;
export type ElementType = keyof typeof ELEMENT_BYTES;

/** Where a tensor's bytes lie in its file. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  /** Position of the first byte in the file. */
  readonly position: number;
  readonly bytes: number;
}

/** Far above any model's; a larger length is garbage, and would make us allocate it. */
const MAX_HEADER_BYTES = 2 ** 24;
/** As many as the largest model that is read has, and more. */
const MAX_TENSORS = 2 ** 16;
const LENGTH_BYTES = 8;

/**
 * Reads and checks a safetensors header (8 bytes length, JSON, then the data, which the tensors must fill without gap or
 * overlap), so that what follows may trust every position in it.
 */
export async function readSafetensorsHeader(handle: FileHandle, file: string): Promise<StoredTensor[]> {
  const fileBytes = (await handle.stat()).size;
  if (fileBytes < LENGTH_BYTES) throw dataLoss(file, `is ${fileBytes} bytes long, too short for safetensors`);
  const length = Number(Buffer.from(await readExactly(handle, file, 0, LENGTH_BYTES)).readBigUInt64LE(0));
  if (length > MAX_HEADER_BYTES || LENGTH_BYTES + length > fileBytes) {
    throw dataLoss(file, `states a header of ${length} bytes in a file of ${fileBytes}: not safetensors, or truncated`);
  }
  const text = new TextDecoder().decode(await readExactly(handle, file, LENGTH_BYTES, length));
  const dataStart = LENGTH_BYTES + length;
  const entries = Object.entries(parseHeader(text, file)).filter(([name]) => name !== '__metadata__');
  if (entries.length > MAX_TENSORS) {
    throw dataLoss(file, `the header names ${entries.length} tensors, more than ${MAX_TENSORS}`);
  }
  const tensors = entries.map(([name, entry]) => parseEntry(file, name, entry, dataStart));
  requireContiguous(file, tensors, dataStart, fileBytes);
  return tensors;
}

function parseHeader(text: string, file: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header === 'object' && header !== null && !Array.isArray(header))
      return header as Record<string, unknown>;
  } catch (error) {
    throw dataLoss(file, `the safetensors header is not JSON (${(error as Error).message})`, error);
  }
  throw dataLoss(file, 'the safetensors header is not a JSON object');
}

function parseEntry(file: string, name: string, entry: unknown, dataStart: number): StoredTensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !isSizeList(shape) || !isSizeList(offsets) || offsets.length !== 2) {
    throw dataLoss(file, `the header's entry of tensor ${name} is malformed`);
  }
  if (!Object.hasOwn(ELEMENT_BYTES, dtype)) {
    throw dataLoss(file, `tensor ${name} is stored as ${dtype}, which cannot be read; convert it to F32, F16 or BF16`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = elementCount(shape) * ELEMENT_BYTES[dtype as ElementType];
  if (end - begin !== bytes) {
    throw dataLoss(file, `tensor ${name} has ${end - begin} bytes, but ${dtype} [${shape.join(', ')}] takes ${bytes}`);
  }
  return { name, dtype: dtype as ElementType, shape, position: dataStart + begin, bytes };
}

function isSizeList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function requireContiguous(file: string, tensors: StoredTensor[], dataStart: number, fileBytes: number): void {
  tensors.sort((left, right) => left.position - right.position || left.bytes - right.bytes);
  let end = dataStart;
  for (const tensor of tensors) {
    if (tensor.position !== end) {
      const problem = tensor.position < end ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw dataLoss(file, `tensor ${tensor.name} ${problem}`);
    }
    end += tensor.bytes;
    if (end > fileBytes)
      throw dataLoss(file, `is truncated: tensor ${tensor.name} ends at byte ${end} of ${fileBytes}`);
  }
  if (end !== fileBytes) throw dataLoss(file, `has ${fileBytes - end} bytes that belong to no tensor`);
}

/** Reads a range of bytes, all of it. */
export async function readExactly(
  handle: FileHandle,
  file: string,
  position: number,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const target = new Uint8Array(bytes);
  await readInto(handle, file, position, target);
  return target;
}

/** Fills `target` from the file; a file that ends early is an error. */
export async function readInto(handle: FileHandle, file: string, position: number, target: Uint8Array): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const { bytesRead } = await handle.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) throw dataLoss(file, `is truncated at byte ${position + done}`);
    done += bytesRead;
  }
}
