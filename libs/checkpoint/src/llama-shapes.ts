import type { ModelConfig } from './model-config.ts';
import type { WeightShape } from './weights.ts';

/**
 * Names and shapes of the weights of Llama and its like in Hone's canonical order: embedding, layers, final norm, output head.
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

/** A projection `[out, in]`, with its bias where it has one. */
function projection(name: string, output: number, input: number, bias: boolean): WeightShape[] {
  const weight = { name: `${name}.weight`, shape: [output, input] };
  return bias ? [weight, { name: `${name}.bias`, shape: [output] }] : [weight];
}

function layerShapes(config: ModelConfig, layer: string): WeightShape[] {
  const { hiddenSize, intermediateSize, headDim, biases, queryKeyNorm } = config;
  const querySize = config.numAttentionHeads * headDim;
  const keyValueSize = config.numKeyValueHeads * headDim;
  const norm = (name: string, size: number): WeightShape => ({ name: `${layer}.${name}.weight`, shape: [size] });
  return [
    norm('input_layernorm', hiddenSize),
    ...projection(`${layer}.self_attn.q_proj`, querySize, hiddenSize, biases.queryKeyValue),
    ...projection(`${layer}.self_attn.k_proj`, keyValueSize, hiddenSize, biases.queryKeyValue),
    ...projection(`${layer}.self_attn.v_proj`, keyValueSize, hiddenSize, biases.queryKeyValue),
    ...(queryKeyNorm ? [norm('self_attn.q_norm', headDim), norm('self_attn.k_norm', headDim)] : []),
    ...projection(`${layer}.self_attn.o_proj`, hiddenSize, querySize, biases.attentionOutput),
    norm('post_attention_layernorm', hiddenSize),
    ...projection(`${layer}.mlp.gate_proj`, intermediateSize, hiddenSize, biases.feedForward),
    ...projection(`${layer}.mlp.up_proj`, intermediateSize, hiddenSize, biases.feedForward),
    ...projection(`${layer}.mlp.down_proj`, hiddenSize, intermediateSize, biases.feedForward),
  ];
}
