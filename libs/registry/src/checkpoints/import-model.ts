/** Reading and storing an imported model. */
import type { ArtifactStore } from '@hone/artifacts';
import { readModelFolder, writeCheckpointFiles, type Checkpoint } from '@hone/checkpoint';
import { invalidArgument } from '@hone/errors';
import { readdir } from 'node:fs/promises';

/** A model that is in the store. */
export interface ImportedModel {
  readonly digest: string;
  readonly bytes: number;
  readonly parameterCount: number;
}

/** A model may come without a tokenizer, for token ids alone, but parts of one are a mistake. */
function requireWholeTokenizer({ tokenizerFiles }: Checkpoint): void {
  const names = Object.keys(tokenizerFiles);
  if (names.length === 0 || names.includes('tokenizer.json')) return;
  const advice = "save it with Transformers' AutoTokenizer, which writes tokenizer.json";
  throw invalidArgument('tokenizer.json', `is missing beside ${names.join(', ')}: ${advice}`);
}

/**
 * Reads a model's folder, every weight of it, and stores it: a Hugging Face folder as it is, a GGUF file converted to that
 * layout in fp32.
 */
export async function importModel(store: ArtifactStore, folder: string): Promise<ImportedModel> {
  const checkpoint = await readModelFolder(folder);
  requireWholeTokenizer(checkpoint);
  const isGguf = !(await readdir(folder)).some((name) => name.endsWith('.safetensors'));
  const stored = isGguf
    ? await store.createFolder((target) => writeCheckpointFiles(target, checkpoint))
    : await store.putFolder(folder);
  return { digest: stored.digest, bytes: stored.bytes, parameterCount: checkpoint.weights.flat.length };
}
