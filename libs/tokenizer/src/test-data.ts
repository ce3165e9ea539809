import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ChatMessage } from './index.ts';

const repository = resolve(import.meta.dirname, '../../..');

/** The project's own golden values (test/golden/README.md). */
export const golden = join(repository, 'test/golden');
export const goldenModels = join(golden, 'models');

/** Larger reference data outside the repository; tests that need it are skipped where it is absent. */
export const referenceData = process.env['HONE_REFERENCE_DATA'] ?? resolve(repository, '../shared');
export const hasReferenceData = existsSync(join(referenceData, 'golden/models'));

/** What Hugging Face's own libraries make of texts and conversations. */
export interface TokenizerGolden {
  readonly encode: readonly {
    readonly text: string;
    readonly ids: number[];
    readonly ids_no_special: number[];
    readonly decoded_keep_special: string;
    readonly decoded_skip_special: string;
  }[];
  readonly chat: readonly {
    readonly messages: ChatMessage[];
    readonly add_generation_prompt: boolean;
    readonly text?: string;
    readonly ids?: number[];
    readonly error?: string;
  }[];
  readonly special: { readonly bos: number | null; readonly eos: number | null; readonly pad: number | null };
  readonly len: number;
}

export async function readGolden(folder: string): Promise<TokenizerGolden> {
  return JSON.parse(await readFile(join(folder, 'tokenizer_golden.json'), 'utf8')) as TokenizerGolden;
}
