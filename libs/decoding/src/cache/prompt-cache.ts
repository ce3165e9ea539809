import type { CacheTensorLayout } from './cache-tensor.ts';
import { KvCache } from './kv-cache.ts';

/** A prompt whose samples are being drawn. */
export interface CachedPrompt {
  /** Row of the cache that holds its keys and values, but for those of its last token. */
  row: number;
  /** Samples in the batch. */
  users: number;
}

/**
 * Keys and values of the prompts of the samples in a batch: each prompt is held once, whatever the number of its samples, and a
 * step reads it once for all of them.
 */
export class PromptCache {
  readonly cache: KvCache;
  private readonly prompts: CachedPrompt[] = [];

  constructor(layouts: readonly CacheTensorLayout[], maxPrompts: number) {
    this.cache = new KvCache(layouts, maxPrompts);
  }

  /** Prompts that are held: rows 0 … size - 1 of the cache. */
  get size(): number {
    return this.prompts.length;
  }

  /** Holds a copy of a prompt, with one user. */
  add(from: KvCache): CachedPrompt {
    const prompt = { row: this.prompts.length, users: 1 };
    this.prompts.push(prompt);
    this.cache.reserve(from.length(0));
    this.cache.copyRow(from, 0, prompt.row);
    return prompt;
  }

  /** Lets go of a prompt that has no user left; the last one moves into its row. */
  leave(prompt: CachedPrompt): void {
    prompt.users -= 1;
    if (prompt.users > 0) return;
    const last = this.prompts.pop()!;
    if (last !== prompt) {
      this.cache.copyRow(this.cache, last.row, prompt.row);
      this.prompts[prompt.row] = last;
    }
    this.cache.clear(this.prompts.length);
    last.row = prompt.row;
  }
}
