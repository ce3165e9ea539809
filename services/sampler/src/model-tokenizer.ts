import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelConfig } from '@hone/checkpoint';
import { failedPrecondition } from '@hone/errors';
import { Tokenizer } from '@hone/tokenizer';

/** The tokenizer of a model folder; null where it has none: then token ids alone come and go. */
export async function openTokenizer(folder: string): Promise<Tokenizer | null> {
  const exists = await access(join(folder, 'tokenizer.json')).then(
    () => true,
    () => false,
  );
  return exists ? Tokenizer.fromFolder(folder) : null;
}

/** The error of a field that is text, to be thrown by the caller. */
export function needsTokenizer(field: string): Error {
  const advice = 'send token ids, or import the model with its tokenizer';
  return failedPrecondition('NO_TOKENIZER', `${field}: the checkpoint has no tokenizer.json: ${advice}`);
}

/** Where neither config.json nor generation_config.json names a token that ends completions, the tokenizer's does, as in training. */
export function endingAsTokenizer(config: ModelConfig, tokenizer: Tokenizer | null): ModelConfig {
  const end = tokenizer?.eosTokenId ?? null;
  if (config.eosTokenIds.length > 0 || end === null || end >= config.vocabSize) return config;
  return { ...config, eosTokenIds: [end] };
}
