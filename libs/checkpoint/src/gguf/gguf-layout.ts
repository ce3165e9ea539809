import { internal } from '@hone/errors';
import type { GgufMap, ModelConfig } from '../family/family.ts';
import type { WeightSpec } from '../tensors/weights.ts';

/** A weight's name in GGUF by its name in Hugging Face's layout. */
export function ggufName(name: string, layerPrefix: string, { names }: GgufMap): string {
  const [, stem = '', kind = ''] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
  const [, layer, part] = stem.startsWith(`${layerPrefix}.`)
    ? (IN_LAYER.exec(stem.slice(layerPrefix.length)) ?? [])
    : [];
  const translated = names[part ?? stem];
  if (translated === undefined) throw internal(`weight ${name} has no name in GGUF`);
  return `${layer === undefined ? '' : `blk.${layer}.`}${translated}.${kind}`;
}

/** A layer's number and the part's name behind it. */
const IN_LAYER = /^\.(\d+)\.(.+)$/;

/** A matrix `[rows, columns]` from its transpose, in place. */
export function transpose(values: Float32Array, [rows, columns]: readonly [number, number]): void {
  const source = values.slice();
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) values[row * columns + column] = source[column * rows + row]!;
}

/**
 * llama.cpp's rotary embedding of Llama turns neighbouring rows (0 and 1, 2 and 3, ...) of each head of q and k, Hugging Face's turns
 * row i of the first half with row i of the second. Puts the rows in Hugging Face's order, in place; other weights stay.
 */
export function swapRotaryHalves(spec: WeightSpec, values: Float32Array, { headDim }: ModelConfig): void {
  if (!/\.self_attn\.[qk]_proj\.(weight|bias)$/.test(spec.name)) return;
  const half = headDim / 2;
  // A bias is one number a row.
  const width = spec.shape[1] ?? 1;
  const headLength = headDim * width;
  for (let start = 0; start < values.length; start += headLength) {
    const head = values.slice(start, start + headLength);
    for (let row = 0; row < headDim; row++) {
      const from = row < half ? 2 * row : 2 * (row - half) + 1;
      values.set(head.subarray(from * width, (from + 1) * width), start + row * width);
    }
  }
}
