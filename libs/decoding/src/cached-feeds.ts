/** What the decode graph and the score graph are fed alike: a chunk of tokens and the cache before it. */
import type { ModelConfig, Weights } from '@hone/checkpoint';
import { cacheNames, MASKED, WEIGHTS_LOCATION } from '@hone/models';
import type { TensorData, TensorView } from '@hone/runtime';
import type { CacheTensorLayout } from './cache-tensor.ts';
import type { KvCache } from './kv-cache.ts';

/** Layouts of the cache's tensors: each layer's keys (transposed), then its values. */
export function cacheLayouts({ numLayers, numKeyValueHeads, headDim }: ModelConfig): CacheTensorLayout[] {
  const key = { outer: numKeyValueHeads * headDim, inner: 1 };
  const value = { outer: numKeyValueHeads, inner: headDim };
  return Array.from({ length: numLayers }, () => [key, value]).flat();
}

/** The weights' bytes, under the name that the graphs know them by. */
export function externalData({ flat }: Weights): Record<string, Uint8Array> {
  return { [WEIGHTS_LOCATION]: new Uint8Array(flat.buffer, flat.byteOffset, flat.byteLength) };
}

/** A chunk of tokens `[width, chunkLength]`. */
export interface Chunk {
  readonly width: number;
  readonly chunkLength: number;
  readonly inputIds: Int32Array;
  readonly positions: Int32Array;
}

export class CachedFeeds {
  /** Outputs that extend the cache, in the order of its tensors. */
  readonly outputs: readonly string[];
  private readonly inputs: readonly string[];
  private mask: { length: number; data: Float32Array } | undefined;

  constructor(private readonly config: ModelConfig) {
    const layers = Array.from({ length: config.numLayers }, (_, layer) => cacheNames(layer));
    this.inputs = layers.flatMap(({ pastKey, pastValue }) => [pastKey, pastValue]);
    this.outputs = layers.flatMap(({ key, value }) => [key, value]);
  }

  of(cache: KvCache, { width, chunkLength, inputIds, positions }: Chunk): Record<string, TensorView> {
    const { numKeyValueHeads: heads, headDim } = this.config;
    const shape = [width, chunkLength];
    const tokens = width * chunkLength;
    const feeds: Record<string, TensorView> = {
      input_ids: { data: inputIds.subarray(0, tokens), shape },
      positions: { data: positions.subarray(0, tokens), shape },
      past_mask: { data: cache.maskView(), shape: [width, cache.capacity] },
      chunk_mask: { data: this.chunkMask(chunkLength), shape: [chunkLength, chunkLength] },
    };
    for (const [index, name] of this.inputs.entries()) {
      const isKey = index % 2 === 0;
      const inner = isKey ? [headDim, cache.capacity] : [cache.capacity, headDim];
      feeds[name] = { data: cache.view(index), shape: [width, heads, ...inner] };
    }
    return feeds;
  }

  newKeyValues(results: Readonly<Record<string, TensorData>>): Float32Array[] {
    return this.outputs.map((name) => results[name] as Float32Array);
  }

  /** Causal: position i of the chunk sees 0 … i. */
  private chunkMask(length: number): Float32Array {
    if (this.mask?.length !== length) {
      const data = new Float32Array(length * length).map((_, i) => (i % length > Math.floor(i / length) ? MASKED : 0));
      this.mask = { length, data };
    }
    return this.mask.data;
  }
}
