import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { invalidArgument, notFound } from '@hone/errors';
import { checkpointFromGguf } from './gguf/read-gguf.ts';
import { readCheckpoint, type Checkpoint, type ReadOptions } from './read-checkpoint.ts';

/** Reads a model from a Hugging Face folder, a GGUF file, or a folder that holds one GGUF file and no safetensors. */
export async function readModelFolder(path: string, options: ReadOptions = {}): Promise<Checkpoint> {
  const found = await stat(path).catch(() => null);
  if (!found) throw notFound(path, 'give the path of a Hugging Face model folder or of a .gguf file');
  if (found.isFile()) {
    if (path.endsWith('.gguf')) return checkpointFromGguf(path, options);
    throw invalidArgument(path, 'is neither a model folder nor a .gguf file');
  }
  const names = await readdir(path);
  const ggufs = names.filter((name) => name.endsWith('.gguf'));
  if (ggufs.length === 0 || names.some((name) => name.endsWith('.safetensors'))) return readCheckpoint(path, options);
  if (ggufs.length > 1) throw invalidArgument(path, `holds several models: name one of ${ggufs.sort().join(', ')}`);
  return checkpointFromGguf(join(path, ggufs[0]!), options);
}
