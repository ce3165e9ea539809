import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { createFolderAtomically } from '@hone/artifacts';
import { invalidArgument } from '@hone/errors';
import type { StorageType } from './tensors/dtype.ts';
import type { ModelConfig } from './family/family.ts';
import type { Checkpoint } from './read-checkpoint.ts';
import { writeSafetensors } from './tensors/safetensors-write.ts';
import { TOKENIZER_FILE_NAMES } from './tokenizer-files.ts';
import { requireFinite } from './tensors/weights.ts';

export interface WriteOptions {
  /** How the weights are stored; anything but F32 loses precision. Default: F32. */
  readonly storage?: StorageType;
}

const TORCH_NAMES: Readonly<Record<StorageType, string>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/**
 * Writes a model as a new Hugging Face folder that Transformers loads. The folder appears complete or not at all, and an
 * existing one is never overwritten.
 */
export async function writeCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  options: WriteOptions = {},
): Promise<void> {
  const target = resolve(folder);
  const write = async (temporary: string): Promise<{ name: string }> => {
    await writeCheckpointFiles(temporary, checkpoint, options);
    return { name: basename(target) };
  };
  await createFolderAtomically(dirname(target), write, 'fail');
}

/** Writes a model's files into an existing folder that the caller makes durable, as the artifact store does. */
export async function writeCheckpointFiles(
  folder: string,
  checkpoint: Checkpoint,
  options: WriteOptions = {},
): Promise<void> {
  const { config, generationConfig, tokenizerFiles, weights } = checkpoint;
  const storage = options.storage ?? 'F32';
  requireFinite(weights);
  await mkdir(folder, { recursive: true });
  await writeJson(join(folder, 'config.json'), { ...config.raw, [dtypeField(config.raw)]: TORCH_NAMES[storage] });
  await writeJson(join(folder, 'generation_config.json'), generationConfig ?? defaultGenerationConfig(config));
  for (const [name, bytes] of Object.entries(tokenizerFiles)) {
    if (!(TOKENIZER_FILE_NAMES as readonly string[]).includes(name)) {
      throw invalidArgument('tokenizer_files', `${name} is not the name of a tokenizer file`);
    }
    await writeFile(join(folder, name), bytes);
  }
  await writeSafetensors(join(folder, 'model.safetensors'), weights, storage);
}

/** Without this file Transformers would guess the same; with it, the folder says so. */
function defaultGenerationConfig({ bosTokenId, eosTokenIds, padTokenId }: ModelConfig): object {
  const eos = eosTokenIds.length > 1 ? eosTokenIds : (eosTokenIds[0] ?? null);
  return { bos_token_id: bosTokenId, eos_token_id: eos, pad_token_id: padTokenId };
}

/** Transformers 5 calls it `dtype`; the layout of published checkpoints, `torch_dtype`. */
function dtypeField(raw: Readonly<Record<string, unknown>>): string {
  return 'dtype' in raw || 'rope_parameters' in raw ? 'dtype' : 'torch_dtype';
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}
