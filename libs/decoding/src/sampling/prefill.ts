import { throwIfAborted } from '@hone/errors';
import type { DecodeGraph } from '../graph/decode-graph.ts';
import { KvCache } from '../cache/kv-cache.ts';
import { PromptGroups } from '../cache/prompt-groups.ts';
import { StepInputs } from './step-inputs.ts';

/** Prompts are read in chunks of this many tokens, so that the scores of a long one do not fill the memory. */
export const PREFILL_CHUNK = 256;

/** Reads prompts, one after another. */
export class Prefill {
  /** Row 0: keys and values of the tokens that were read last. */
  readonly cache: KvCache;
  /** While a prompt is read there is none before it. */
  private readonly nothing: KvCache;
  private readonly groups: PromptGroups;

  constructor(private readonly graph: DecodeGraph) {
    this.cache = new KvCache(graph.cacheLayouts, 1);
    this.nothing = new KvCache(graph.cacheLayouts, 1);
    this.nothing.shape(1, 0);
    this.groups = new PromptGroups(1, graph.keyHeads, 1);
  }

  /** Fills the cache with these tokens. Chunks depend on the prompt alone. */
  async read(tokenIds: Int32Array, signal?: AbortSignal): Promise<void> {
    const { cache, groups } = this;
    cache.clear(0);
    cache.reserve(tokenIds.length);
    for (let start = 0; start < tokenIds.length; start += PREFILL_CHUNK) {
      throwIfAborted(signal);
      const chunk = tokenIds.subarray(start, start + PREFILL_CHUNK);
      cache.shape(1, 0);
      const inputs = StepInputs.ofChunk(chunk, start);
      const { newKeyValues } = await this.graph.step({ rows: cache, prompts: this.nothing, groups, inputs });
      cache.shape(1, chunk.length);
      cache.append(0, newKeyValues, 0, chunk.length, chunk.length);
    }
  }
}
