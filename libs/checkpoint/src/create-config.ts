import type { ModelConfig } from './family/family.ts';
import { parseModelConfig } from './model-config.ts';

/** What a new Llama model is made of. */
export interface LlamaOptions {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numLayers: number;
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  readonly vocabSize: number;
  readonly maxPositionEmbeddings: number;
  readonly tieWordEmbeddings: boolean;
  readonly ropeTheta?: number;
  readonly rmsNormEps?: number;
  readonly bosTokenId?: number | null;
  readonly eosTokenId: number;
  readonly padTokenId?: number | null;
}

/** The config of a model that is made here and not read: one that Transformers 4 and 5 load. */
export function createLlamaConfig(options: LlamaOptions): ModelConfig {
  return parseModelConfig({
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: options.hiddenSize,
    intermediate_size: options.intermediateSize,
    num_hidden_layers: options.numLayers,
    num_attention_heads: options.numAttentionHeads,
    num_key_value_heads: options.numKeyValueHeads,
    head_dim: options.hiddenSize / options.numAttentionHeads,
    vocab_size: options.vocabSize,
    max_position_embeddings: options.maxPositionEmbeddings,
    tie_word_embeddings: options.tieWordEmbeddings,
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    rms_norm_eps: options.rmsNormEps ?? 1e-5,
    rope_theta: options.ropeTheta ?? 10000,
    rope_scaling: null,
    bos_token_id: options.bosTokenId ?? null,
    eos_token_id: options.eosTokenId,
    pad_token_id: options.padTokenId ?? null,
    torch_dtype: 'float32',
  });
}
