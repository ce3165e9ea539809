/** The files of an import as they come in. */
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { TOKENIZER_FILE_NAMES } from '@hone/checkpoint';
import { invalidArgument, toHoneError } from '@hone/errors';

const MAX_CHUNK_BYTES = 1 << 20;

/** Names that a model's files have; nothing else is written, so that no name leads out of the folder. */
const FILE_NAMES: ReadonlySet<string> = new Set([
  'config.json',
  'generation_config.json',
  'model.safetensors.index.json',
  ...TOKENIZER_FILE_NAMES,
]);
const WEIGHT_FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.(safetensors|gguf)$/;

/** Whether a file of this name is part of a model. */
export function isModelFileName(name: string): boolean {
  return FILE_NAMES.has(name) || WEIGHT_FILE.test(name);
}

/** Writes the files of one import into a folder, each once, its parts in order. */
export class IncomingFiles {
  private readonly folder: string;
  private readonly finished = new Set<string>();
  private current: { readonly name: string; readonly handle: FileHandle } | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  async write(name: string, data: Uint8Array): Promise<void> {
    if (data.length > MAX_CHUNK_BYTES) {
      throw invalidArgument('chunk.data', `must be at most ${MAX_CHUNK_BYTES} bytes, but is ${data.length}`);
    }
    try {
      if (this.current?.name !== name) await this.begin(name);
      await this.current!.handle.write(data);
    } catch (thrown) {
      throw toHoneError(thrown);
    }
  }

  /** Closes the last file; answers with the names of all. */
  async finish(): Promise<ReadonlySet<string>> {
    const { current } = this;
    this.current = undefined;
    if (current) {
      this.finished.add(current.name);
      await current.handle.close();
    }
    return this.finished;
  }

  private async begin(name: string): Promise<void> {
    await this.finish();
    if (!isModelFileName(name)) {
      const known =
        'config.json, generation_config.json, tokenizer files, *.safetensors with their index, or one *.gguf';
      throw invalidArgument('chunk.file_name', `"${name}" is no file of a model: send ${known}`);
    }
    if (this.finished.has(name)) throw invalidArgument('chunk.file_name', `the parts of ${name} must come together`);
    await mkdir(this.folder, { recursive: true });
    this.current = { name, handle: await open(path.join(this.folder, name), 'wx') };
  }
}
