import type { ArtifactStore } from '@hone/artifacts';
import { readModelFolder, writeCheckpointFiles } from '@hone/checkpoint';
import { invalidArgument } from '@hone/errors';
import { readdir } from 'node:fs/promises';

/** A model that is in the store. */
export interface ImportedModel {
  readonly digest: string;
  readonly bytes: number;
  readonly parameterCount: number;
}

/**
 * Reads a model's folder, every weight of it, and stores it: a Hugging Face folder as it is, a GGUF file converted to that
 * layout in fp32.
 */
export async function importModel(store: ArtifactStore, folder: string): Promise<ImportedModel> {
  const checkpoint = await readModelFolder(folder);
  if (!('tokenizer.json' in checkpoint.tokenizerFiles)) {
    throw invalidArgument('tokenizer.json', 'is missing: a model needs its tokenizer beside its weights');
  }
  const isGguf = !(await readdir(folder)).some((name) => name.endsWith('.safetensors'));
  const stored = isGguf
    ? await store.createFolder((target) => writeCheckpointFiles(target, checkpoint))
    : await store.putFolder(folder);
  return { digest: stored.digest, bytes: stored.bytes, parameterCount: checkpoint.weights.flat.length };
}
