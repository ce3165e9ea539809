/** Training data on disk, read by number: of any count of records, only where each begins stays in memory. */
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { toHoneError } from '@hone/errors';

/** Records are gathered to blocks of this size before they are written. */
const BLOCK_BYTES = 1 << 20;

/** How a record becomes bytes, and bytes become one again. */
export interface RecordFormat<Item> {
  encode(item: Item): Uint8Array;
  decode(bytes: Uint8Array): Item;
}

/** Records that are appended, then read in any order. The file has no name, so that it goes with its process, however that ends. */
export class RecordFile<Item> {
  /** Where each record begins; the last entry is where the next one will. */
  private readonly offsets = [0];
  private pending: Uint8Array[] = [];
  private pendingBytes = 0;

  private constructor(
    private readonly handle: FileHandle,
    private readonly folder: string,
    private readonly format: RecordFormat<Item>,
  ) {}

  /** An empty file in this folder, which is made where it is missing. */
  static async create<Item>(folder: string, format: RecordFormat<Item>): Promise<RecordFile<Item>> {
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, `records-${process.pid}-${performance.now()}`);
    const handle = await open(file, 'wx+');
    await rm(file);
    return new RecordFile(handle, folder, format);
  }

  /** Number of records. */
  get length(): number {
    return this.offsets.length - 1;
  }

  async append(item: Item): Promise<void> {
    const bytes = this.format.encode(item);
    this.offsets.push(this.offsets.at(-1)! + bytes.length);
    this.pending.push(bytes);
    this.pendingBytes += bytes.length;
    if (this.pendingBytes >= BLOCK_BYTES) await this.flush();
  }

  /** Writes what still waits; records can be read from then on. */
  async flush(): Promise<void> {
    const block = Buffer.concat(this.pending);
    [this.pending, this.pendingBytes] = [[], 0];
    try {
      await this.handle.writeFile(block);
    } catch (thrown) {
      throw toHoneError(Object.assign(thrown as Error, { path: this.folder }));
    }
  }

  async at(index: number): Promise<Item> {
    const [begin, end] = [this.offsets[index]!, this.offsets[index + 1]!];
    const bytes = Buffer.alloc(end - begin);
    const { bytesRead } = await this.handle.read(bytes, 0, bytes.length, begin);
    if (bytesRead < bytes.length) throw new RangeError(`record ${index} was read before it was written`);
    return this.format.decode(bytes);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}
