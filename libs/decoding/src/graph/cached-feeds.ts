/** What the decode graph and the score graph are fed alike: a chunk of tokens and the cache before it. */
import { attentionWindows, type ModelConfig, type Weights } from '@hone/checkpoint';
import { cacheNames, MASKED, maskName, WEIGHTS_LOCATION } from '@hone/models';
import type { TensorData, TensorView } from '@hone/runtime';
import type { CacheTensorLayout } from '../cache/cache-tensor.ts';
import type { KvCache } from '../cache/kv-cache.ts';
import type { PromptGroups } from '../cache/prompt-groups.ts';
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
  private readonly windows: readonly (number | null)[];
  /** By window, for chunks of the length that came last. */
  private readonly masks = new Map<number | null, { length: number; data: Float32Array }>();

  constructor(private readonly config: ModelConfig) {
    this.windows = attentionWindows(config);
    const layers = Array.from({ length: config.numLayers }, (_, layer) => cacheNames(layer));
    this.inputs = layers.flatMap(({ pastKey, pastValue }) => [pastKey, pastValue]);
    this.promptInputs = layers.flatMap(({ promptKey, promptValue }) => [promptKey, promptValue]);
    this.outputs = layers.flatMap(({ key, value }) => [key, value]);
  }

  /** A chunk behind what its rows hold. */
  of(cache: KvCache, { width, chunkLength, inputIds, positions }: Chunk): Record<string, TensorView> {
    const shape = [width, chunkLength];
    const tokens = width * chunkLength;
    const masks = this.windows.flatMap((window) => [
      [maskName('past_mask', window), pastMask(cache, width, chunkLength, window)] as const,
      [
        maskName('chunk_mask', window),
        { data: this.chunkMask(chunkLength, window), shape: [chunkLength, chunkLength] },
      ] as const,
    ]);
    return {
      input_ids: { data: inputIds.subarray(0, tokens), shape },
      positions: { data: positions.subarray(0, tokens), shape },
      ...Object.fromEntries(masks),
      ...this.keyValues(this.inputs, cache, width),
    };
  }

  /** The prompts of the rows, and which row belongs to which. */
  ofPrompts(cache: KvCache, groups: PromptGroups, rows: KvCache, width: number): Record<string, TensorView> {
    const { prompts, members, heads } = groups;
    const masks = this.windows.map((window) => {
      const shared = { data: cache.maskView(), shape: [prompts, cache.capacity] };
      const mask = window === null ? shared : windowedPromptMask(cache, rows, groups, width, window);
      return [maskName('prompt_mask', window), mask] as const;
    });
    const promptOfRow = { data: groups.promptOfRow.subarray(0, width), shape: [width] };
    const count = prompts * heads * members;
    return {
      ...Object.fromEntries(masks),
      ...(this.windows.includes(null) ? { prompt_of_row: promptOfRow } : {}),
      member_indices: { data: groups.memberIndices.subarray(0, count), shape: [prompts, heads, members] },
      row_indices: { data: groups.rowIndices.subarray(0, width * heads), shape: [width, heads] },
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

  /** Buffers for a chunk's keys and values. */
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
  private chunkMask(length: number, window: number | null): Float32Array {
    const held = this.masks.get(window);
    if (held?.length === length) return held.data;
    const data = new Float32Array(length * length).map((_, i) => {
      const behind = Math.floor(i / length) - (i % length);
      return behind < 0 || behind >= (window ?? Infinity) ? MASKED : 0;
    });
    this.masks.set(window, { length, data });
    return data;
  }
}

/** The cache's own mask, which a window makes one of each position. */
function pastMask(cache: KvCache, width: number, chunkLength: number, window: number | null): TensorView {
  if (window === null) return { data: cache.maskView(), shape: [width, 1, cache.capacity] };
  return windowedPastMask(cache, width, chunkLength, window);
}
