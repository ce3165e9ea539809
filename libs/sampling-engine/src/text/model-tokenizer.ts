import { access } from 'node:fs/promises';
import { join } from 'node:path';
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

/** The token that ends texts of a model folder's tokenizer; null where there is none. */
export async function endTokenOf(folder: string): Promise<number | null> {
  return (await openTokenizer(folder))?.eosTokenId ?? null;
}
