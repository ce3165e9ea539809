/** What the decode graph and the score graph are fed alike: a chunk of tokens and the cache before it. */
import type { ModelConfig, Weights } from '@hone/checkpoint';
import { cacheNames, MASKED, WEIGHTS_LOCATION } from '@hone/models';
import type { TensorData, TensorView } from '@hone/runtime';
import type { CacheTensorLayout } from './cache-tensor.ts';
import type { KvCache } from './kv-cache.ts';
import type { PromptGroups } from './prompt-groups.ts';
import { windowedPastMask, windowedPromptMask } from './window-masks.ts';

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
  private readonly promptInputs: readonly string[];
  private mask: { length: number; data: Float32Array } | undefined;

  constructor(private readonly config: ModelConfig) {
    const layers = Array.from({ length: config.numLayers }, (_, layer) => cacheNames(layer));
    this.inputs = layers.flatMap(({ pastKey, pastValue }) => [pastKey, pastValue]);
    this.promptInputs = layers.flatMap(({ promptKey, promptValue }) => [promptKey, promptValue]);
    this.outputs = layers.flatMap(({ key, value }) => [key, value]);
  }

  /** A chunk behind what its rows hold. */
  of(cache: KvCache, { width, chunkLength, inputIds, positions }: Chunk): Record<string, TensorView> {
    const { slidingWindow } = this.config;
    const shape = [width, chunkLength];
    const tokens = width * chunkLength;
    const feeds: Record<string, TensorView> = {
      input_ids: { data: inputIds.subarray(0, tokens), shape },
      positions: { data: positions.subarray(0, tokens), shape },
      past_mask:
        slidingWindow === null
          ? { data: cache.maskView(), shape: [width, 1, cache.capacity] }
          : windowedPastMask(cache, width, chunkLength, slidingWindow),
      chunk_mask: { data: this.chunkMask(chunkLength), shape: [chunkLength, chunkLength] },
    };
    return { ...feeds, ...this.keyValues(this.inputs, cache, width) };
  }

  /** The prompts of the rows, and which row belongs to which. */
  ofPrompts(cache: KvCache, groups: PromptGroups, rows: KvCache, width: number): Record<string, TensorView> {
    const { prompts, members, heads } = groups;
    const { slidingWindow } = this.config;
    // With a window each row has a mask of its own.
    const masks =
      slidingWindow === null
        ? {
            prompt_mask: { data: cache.maskView(), shape: [prompts, cache.capacity] },
            mask_of_row: { data: groups.promptOfRow.subarray(0, width), shape: [width] },
          }
        : {
            prompt_mask: windowedPromptMask(cache, rows, groups, width, slidingWindow),
            mask_of_row: { data: Int32Array.from({ length: width }, (_, row) => row), shape: [width] },
          };
    const places = prompts * heads * members;
    return {
      ...masks,
      member_places: { data: groups.memberPlaces.subarray(0, places), shape: [prompts, heads, members] },
      row_places: { data: groups.rowPlaces.subarray(0, width * heads), shape: [width, heads] },
      ...this.keyValues(this.promptInputs, cache, prompts),
    };
  }

  private keyValues(names: readonly string[], cache: KvCache, rows: number): Record<string, TensorView> {
    const { numKeyValueHeads: heads, headDim } = this.config;
    return Object.fromEntries(
      names.map((name, index) => {
        const inner = index % 2 === 0 ? [headDim, cache.capacity] : [cache.capacity, headDim];
        return [name, { data: cache.view(index), shape: [rows, heads, ...inner] }];
      }),
    );
  }

  /** Places for a chunk's keys and values. */
  newKeyValueViews(width: number, chunkLength: number): Record<string, { data: Float32Array; shape: number[] }> {
    const { numKeyValueHeads: heads, headDim } = this.config;
    return Object.fromEntries(
      this.outputs.map((name, index) => {
        const inner = index % 2 === 0 ? [headDim, chunkLength] : [chunkLength, headDim];
        const data = new Float32Array(width * heads * headDim * chunkLength);
        return [name, { data, shape: [width, heads, ...inner] }];
      }),
    );
  }

  newKeyValues(results: Readonly<Record<string, TensorData>>): Float32Array[] {
    return this.outputs.map((name) => results[name] as Float32Array);
  }

  /** Causal: position i of the chunk sees 0 … i, as far as the window reaches. */
  private chunkMask(length: number): Float32Array {
    if (this.mask?.length !== length) {
      const window = this.config.slidingWindow ?? Infinity;
      const data = new Float32Array(length * length).map((_, i) => {
        const behind = Math.floor(i / length) - (i % length);
        return behind < 0 || behind >= window ? MASKED : 0;
      });
      this.mask = { length, data };
    }
    return this.mask.data;
  }
}
