import { internal } from '@hone/errors';
import type { ModelConfig } from '../model-config.ts';
import type { WeightSpec } from '../weights.ts';

const TOP: { readonly [name: string]: string } = {
  'model.embed_tokens.weight': 'token_embd.weight',
  'model.norm.weight': 'output_norm.weight',
  'lm_head.weight': 'output.weight',
};

const IN_LAYER: { readonly [name: string]: string } = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
};

/** A weight's name in GGUF by its name in Hugging Face's layout. */
export function ggufName(name: string): string {
  const layer = /^model\.layers\.(\d+)\.(.+)\.weight$/.exec(name);
  const translated = layer ? IN_LAYER[layer[2]!] : TOP[name];
  if (!translated) throw internal(`weight ${name} has no name in GGUF`);
  return layer ? `blk.${layer[1]}.${translated}.weight` : translated;
}

/**
 * llama.cpp's rotary embedding turns neighbouring rows (0 and 1, 2 and 3, ...) of each head of q and k, Hugging Face's turns
 * row i of the first half with row i of the second. Puts the rows in Hugging Face's order, in place; other weights stay.
 */
export function swapRotaryHalves(spec: WeightSpec, values: Float32Array, config: ModelConfig): void {
  if (!/\.self_attn\.[qk]_proj\.weight$/.test(spec.name)) return;
  const { headDim, hiddenSize } = config;
  const half = headDim / 2;
  const headLength = headDim * hiddenSize;
  for (let start = 0; start < values.length; start += headLength) {
    const head = values.slice(start, start + headLength);
    for (let row = 0; row < headDim; row++) {
      const from = row < half ? 2 * row : 2 * (row - half) + 1;
      values.set(head.subarray(from * hiddenSize, (from + 1) * hiddenSize), start + row * hiddenSize);
    }
  }
}
