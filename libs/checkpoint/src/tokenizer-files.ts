import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Names of the files that make a Hugging Face tokenizer; all but the first are optional. */
export const TOKENIZER_FILE_NAMES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
] as const;

/** Contents by file name. */
export type TokenizerFiles = Readonly<Record<string, Uint8Array>>;

/** Reads the tokenizer files that the folder has, byte for byte; none at all gives an empty record. */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const files: Record<string, Uint8Array> = {};
  for (const name of TOKENIZER_FILE_NAMES) {
    const bytes = await readFile(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return null;
    });
    if (bytes) files[name] = bytes;
  }
  return files;
}
