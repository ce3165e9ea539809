/**
 * Masks of models with a sliding window (arXiv 2310.06825): a position sees those before it that are less than `window` away. With
 * fewer positions than that they equal the caches' own masks.
 */
import { MASKED } from '@hone/models';
import type { TensorView } from '@hone/runtime';
import type { KvCache } from '../cache/kv-cache.ts';
import type { PromptGroups } from '../cache/prompt-groups.ts';

/** Lets a query see positions 0 … length - 1 of a cache, as far as the window reaches; `ahead` is how far behind their end it is. */
function write(mask: Float32Array, offset: number, length: number, ahead: number, window: number): void {
  const first = Math.min(length, Math.max(0, length + ahead - window + 1));
  mask.fill(0, offset + first, offset + length);
}

/** `[width, chunk, capacity]`: for each row and position of the chunk. */
export function windowedPastMask(cache: KvCache, width: number, chunkLength: number, window: number): TensorView {
  const { capacity } = cache;
  const mask = new Float32Array(width * chunkLength * capacity).fill(MASKED);
  for (let row = 0; row < width; row++)
    for (let i = 0; i < chunkLength; i++) write(mask, (row * chunkLength + i) * capacity, cache.length(row), i, window);
  return { data: mask, shape: [width, chunkLength, capacity] };
}

/** `[batch, capacity]`: for each row, which is as far behind its prompt as it is long. */
export function windowedPromptMask(
  prompts: KvCache,
  rows: KvCache,
  { promptOfRow }: PromptGroups,
  width: number,
  window: number,
): TensorView {
  const { capacity } = prompts;
  const mask = new Float32Array(width * capacity).fill(MASKED);
  for (let row = 0; row < width; row++)
    write(mask, row * capacity, prompts.length(promptOfRow[row]!), rows.length(row), window);
  return { data: mask, shape: [width, capacity] };
}
