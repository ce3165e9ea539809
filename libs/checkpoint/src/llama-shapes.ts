import type { ModelConfig } from './model-config.ts';
import type { WeightShape } from './weights.ts';

/**
 * Names and shapes of a Llama model's weights in Hone's canonical order: embedding, layers, final norm, output head.
 * A tied model has no `lm_head.weight`: its head is the embedding.
 */
export function llamaWeightShapes(config: ModelConfig): WeightShape[] {
  const { hiddenSize, vocabSize, numLayers } = config;
  const layers = Array.from({ length: numLayers }, (_, layer) => layerShapes(config, `model.layers.${layer}`));
  return [
    { name: 'model.embed_tokens.weight', shape: [vocabSize, hiddenSize] },
    ...layers.flat(),
    { name: 'model.norm.weight', shape: [hiddenSize] },
    ...(config.tieWordEmbeddings ? [] : [{ name: 'lm_head.weight', shape: [vocabSize, hiddenSize] }]),
  ];
}

function layerShapes(config: ModelConfig, layer: string): WeightShape[] {
  const { hiddenSize, intermediateSize, headDim } = config;
  const querySize = config.numAttentionHeads * headDim;
  const keyValueSize = config.numKeyValueHeads * headDim;
  return [
    { name: `${layer}.input_layernorm.weight`, shape: [hiddenSize] },
    { name: `${layer}.self_attn.q_proj.weight`, shape: [querySize, hiddenSize] },
    { name: `${layer}.self_attn.k_proj.weight`, shape: [keyValueSize, hiddenSize] },
    { name: `${layer}.self_attn.v_proj.weight`, shape: [keyValueSize, hiddenSize] },
    { name: `${layer}.self_attn.o_proj.weight`, shape: [hiddenSize, querySize] },
    { name: `${layer}.post_attention_layernorm.weight`, shape: [hiddenSize] },
    { name: `${layer}.mlp.gate_proj.weight`, shape: [intermediateSize, hiddenSize] },
    { name: `${layer}.mlp.up_proj.weight`, shape: [intermediateSize, hiddenSize] },
    { name: `${layer}.mlp.down_proj.weight`, shape: [hiddenSize, intermediateSize] },
  ];
}
