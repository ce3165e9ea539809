/** A small model of this repository, and how it is sent to ImportCheckpoint. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ImportCheckpointRequest } from '@hone/contracts';

/** A Hugging Face model folder of this repository, made for tests. */
export const MODEL_FOLDER = fileURLToPath(new URL('../../../../test/golden/models/untied', import.meta.url));
export const MODEL_FILES = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'model.safetensors',
];

/** Import messages for files of a folder, cut into parts. */
export async function* importMessages(
  folder: string,
  names: readonly string[],
  displayName = '',
): AsyncGenerator<ImportCheckpointRequest> {
  if (displayName) yield { message: { $case: 'displayName', value: displayName } };
  for (const fileName of names) {
    const bytes = await readFile(path.join(folder, fileName));
    for (let at = 0; at < bytes.length; at += 10_000) {
      yield { message: { $case: 'chunk', value: { fileName, data: bytes.subarray(at, at + 10_000) } } };
    }
  }
}
