import type { DecodeGraph } from './decode-graph.ts';
import type { KvCache } from './kv-cache.ts';
import { StepInputs } from './step-inputs.ts';
import { throwIfAborted } from '@hone/errors';

/** Prompts are read in chunks of this many tokens, so that the scores of a long one do not fill the memory. */
export const PREFILL_CHUNK = 256;

/** Fills row 0 of a cache with the keys and values of these tokens. Chunks depend on the prompt alone. */
export async function prefill(
  graph: DecodeGraph,
  cache: KvCache,
  tokenIds: Int32Array,
  signal?: AbortSignal,
): Promise<void> {
  cache.clear(0);
  cache.reserve(tokenIds.length);
  for (let start = 0; start < tokenIds.length; start += PREFILL_CHUNK) {
    throwIfAborted(signal);
    const chunk = tokenIds.subarray(start, start + PREFILL_CHUNK);
    cache.shape(1, 0);
    const { newKeyValues } = await graph.step(cache, StepInputs.ofChunk(chunk, start));
    cache.shape(1, chunk.length);
    cache.append(0, newKeyValues, 0, chunk.length, chunk.length);
  }
}
