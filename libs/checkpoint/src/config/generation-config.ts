import { join } from 'node:path';
import { HoneError } from '@hone/errors';
import { readJsonObject } from '../json-file.ts';

/** `generation_config.json` as it is, or null where the folder has none (it is optional in Hugging Face's layout). */
export async function readGenerationConfig(folder: string): Promise<Record<string, unknown> | null> {
  try {
    return await readJsonObject(join(folder, 'generation_config.json'));
  } catch (error) {
    if (error instanceof HoneError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}
