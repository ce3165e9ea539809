import { open, stat, type FileHandle } from 'node:fs/promises';
import type { GGUFParseOutput } from '@huggingface/gguf';
import { dataLoss, notFound, throwIfAborted, unimplemented } from '@hone/errors';
import { LIMITS } from '../config/config-limits.ts';
import { readInto } from '../tensors/safetensors-header.ts';
import { elementCount } from '../tensors/weights.ts';
import { BLOCK_FORMATS, type BlockFormat } from './block-formats.ts';

/** A tensor of a GGUF file. */
export interface GgufTensor {
  readonly name: string;
  /** Outermost dimension first, as everywhere in Hone (the file has the innermost first). */
  readonly shape: readonly number[];
  readonly format: BlockFormat;
  readonly position: number;
  readonly bytes: number;
}

/** About 1 MiB a read; rounded down to whole blocks. */
const CHUNK_BYTES = 1 << 20;

/** Tensors of factors that rotary frequencies are divided by: always, or within and beyond the original context. */
export const ROPE_FACTORS = {
  all: 'rope_freqs.weight',
  short: 'rope_factors_short.weight',
  long: 'rope_factors_long.weight',
} as const;
export type RopeFactors = { readonly [Kind in keyof typeof ROPE_FACTORS]?: Float32Array };

/** An open GGUF file; the caller closes it. */
export class GgufFile {
  readonly file: string;
  readonly metadata: GgufMetadata;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** Those of them that the file has. */
  factors: RopeFactors = {};
  readonly #handle: FileHandle;

  private constructor(file: string, metadata: GgufMetadata, tensors: readonly GgufTensor[], handle: FileHandle) {
    this.file = file;
    this.metadata = metadata;
    this.tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    this.#handle = handle;
  }

  /** Opens the file and checks that every tensor lies inside it. */
  static async open(file: string): Promise<GgufFile> {
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) throw notFound(file, 'give the path of a .gguf file');
    const { header, typeNames } = await parseHeader(file);
    const start = Number(header.tensorDataOffset);
    const tensors = header.tensorInfos.map((info): GgufTensor => {
      const shape = info.shape.map(Number).reverse();
      const format = BLOCK_FORMATS[info.dtype];
      if (!format) {
        const type = typeNames[info.dtype] ?? info.dtype;
        throw unimplemented(`${file}: tensor ${info.name} is quantised as ${type}, but only ${SUPPORTED} can be read`);
      }
      const blocks = elementCount(shape) / format.elements;
      if (!Number.isSafeInteger(blocks)) throw dataLoss(file, `tensor ${info.name} is not made of whole blocks`);
      const position = start + Number(info.offset);
      const bytes = blocks * format.bytes;
      if (position + bytes > found.size) throw dataLoss(file, `is truncated: tensor ${info.name} ends past its end`);
      return { name: info.name, shape, format, position, bytes };
    });
    const opened = new GgufFile(file, new GgufMetadata(header.metadata, file), tensors, await open(file, 'r'));
    try {
      for (const kind of Object.keys(ROPE_FACTORS) as (keyof RopeFactors)[]) {
        const found = await opened.readFactors(ROPE_FACTORS[kind]);
        if (found) opened.factors = { ...opened.factors, [kind]: found };
      }
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  private async readFactors(name: string): Promise<Float32Array | undefined> {
    const stored = this.tensors.get(name);
    if (!stored) return undefined;
    const count = elementCount(stored.shape);
    if (count > LIMITS.headDim) throw dataLoss(this.file, `tensor ${name} has ${count} elements`);
    const factors = new Float32Array(count);
    await this.read(stored, factors);
    return factors;
  }

  /** De-quantises one tensor into `target`. */
  async read(tensor: GgufTensor, target: Float32Array, signal?: AbortSignal): Promise<void> {
    const { format } = tensor;
    const blocksAtOnce = Math.floor(CHUNK_BYTES / format.bytes);
    const chunk = new Uint8Array(blocksAtOnce * format.bytes);
    for (let done = 0; done < tensor.bytes; done += chunk.length) {
      throwIfAborted(signal);
      const part = chunk.subarray(0, Math.min(chunk.length, tensor.bytes - done));
      await readInto(this.#handle, this.file, tensor.position + done, part);
      const from = (done / format.bytes) * format.elements;
      format.decode(part, target.subarray(from, from + (part.length / format.bytes) * format.elements));
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

const SUPPORTED = Object.values(BLOCK_FORMATS)
  .map((format) => format.name)
  .join(', ');

interface Parsed {
  readonly header: GGUFParseOutput;
  /** Names of ways to quantise, by their numbers. */
  readonly typeNames: Readonly<Record<number, string>>;
}

async function parseHeader(file: string): Promise<Parsed> {
  const { gguf, GGMLQuantizationType: typeNames } = await import('@huggingface/gguf');
  try {
    return { header: await gguf(file, { allowLocalFile: true }), typeNames };
  } catch (error) {
    throw dataLoss(file, `is not a GGUF file, or its header is damaged (${(error as Error).message})`, error);
  }
}

/** A GGUF file's key-value pairs, read with their type checked. */
export class GgufMetadata {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #file: string;
  readonly #asked = new Set<string>();

  constructor(values: object, file: string) {
    this.#values = values as Record<string, unknown>;
    this.#file = file;
  }

  /** Keys below a prefix that nobody asked for, with their values. */
  others(prefix: string): [string, unknown][] {
    return Object.entries(this.#values).filter(([key]) => key.startsWith(prefix) && !this.#asked.has(key));
  }

  #value(key: string): unknown {
    this.#asked.add(key);
    return this.#values[key];
  }

  number(key: string): number {
    const value = this.optionalNumber(key);
    if (value === null) throw dataLoss(this.#file, `the metadata lacks ${key}`);
    return value;
  }

  optionalNumber(key: string): number | null {
    const value = this.#value(key);
    if (value === undefined) return null;
    if (typeof value !== 'number' && typeof value !== 'bigint') throw dataLoss(this.#file, `${key} is not a number`);
    return Number(value);
  }

  string(key: string): string {
    const value = this.optionalString(key);
    if (value === null) throw dataLoss(this.#file, `the metadata lacks ${key}`);
    return value;
  }

  optionalString(key: string): string | null {
    const value = this.#value(key);
    if (value === undefined) return null;
    if (typeof value !== 'string') throw dataLoss(this.#file, `${key} is not a string`);
    return value;
  }

  /** Whether the key is there. */
  has(key: string): boolean {
    return this.#value(key) !== undefined;
  }

  /** A flag for each layer, or null where there are none. */
  optionalFlags(key: string): boolean[] | null {
    const value = this.#value(key);
    if (value === undefined) return null;
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'boolean'))
      throw dataLoss(this.#file, `${key} is not a list of flags`);
    return value as boolean[];
  }

  flag(key: string): boolean {
    return this.#value(key) === true;
  }

  strings(key: string): string[] {
    const value = this.#value(key);
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw dataLoss(this.#file, `${key} is not a list of strings`);
    }
    return value as string[];
  }

  numbers(key: string): number[] {
    const value = this.#value(key);
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'number')) {
      throw dataLoss(this.#file, `${key} is not a list of numbers`);
    }
    return value as number[];
  }
}
