import { openTokenizer } from '@hone/sampling-engine/text';
import type { Tokenizer } from '@hone/tokenizer';

/** The tokenizer used last: calls come in rows of the same checkpoint, and a large vocabulary takes a while to read. */
let last: { folder: string; tokenizer: Promise<Tokenizer | null> } | undefined;

/** The tokenizer of a model folder; null where it has none. */
export function tokenizerOf(folder: string): Promise<Tokenizer | null> {
  if (last?.folder !== folder) last = { folder, tokenizer: openTokenizer(folder) };
  return last.tokenizer;
}
