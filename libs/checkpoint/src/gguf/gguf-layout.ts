import { internal } from '@hone/errors';
import type { ModelConfig } from '../model-config.ts';
import type { WeightShape, WeightSpec } from '../weights.ts';

const TOP: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
  'transformer.wte': 'token_embd',
  'transformer.wpe': 'position_embd',
  'transformer.ln_f': 'output_norm',
};

const IN_LAYER: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  'self_attn.o_proj': 'attn_output',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
  ln_1: 'attn_norm',
  'attn.c_attn': 'attn_qkv',
  'attn.c_proj': 'attn_output',
  ln_2: 'ffn_norm',
  'mlp.c_fc': 'ffn_up',
  'mlp.c_proj': 'ffn_down',
};

/** A weight's name in GGUF by its name in Hugging Face's layout. */
export function ggufName(name: string): string {
  const [, stem = '', kind = ''] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
  const [, layer, part = ''] = /^(?:model\.layers|transformer\.h)\.(\d+)\.(.+)$/.exec(stem) ?? [];
  const translated = layer === undefined ? TOP[stem] : IN_LAYER[part];
  if (translated === undefined) throw internal(`weight ${name} has no name in GGUF`);
  return `${layer === undefined ? '' : `blk.${layer}.`}${translated}.${kind}`;
}

/** GPT-2's projections are `[in, out]` in Hugging Face's layout, and `[out, in]` in GGUF, as everybody's are. */
export const isTransposed = ({ name }: WeightShape): boolean => /\.(c_attn|c_proj|c_fc)\.weight$/.test(name);

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
