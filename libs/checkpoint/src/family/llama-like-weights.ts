import type { WeightShape } from '../tensors/weights.ts';
import type { FamilyConfig, LlamaDecoder } from './family.ts';

/**
 * Names and shapes of the weights of Llama and its like in Hone's canonical order: embedding, layers, final norm, output head.
 * A tied model has no `lm_head.weight`: its head is the embedding.
 */
export function llamaLikeWeights(config: FamilyConfig, decoder: LlamaDecoder): WeightShape[] {
  const { hiddenSize, vocabSize, numLayers } = config;
  const layers = Array.from({ length: numLayers }, (_, index) =>
    layerWeights(config, decoder, `model.layers.${index}`),
  );
  const head: WeightShape = { name: 'lm_head.weight', shape: [vocabSize, hiddenSize], role: 'head' };
  return [
    { name: 'model.embed_tokens.weight', shape: [vocabSize, hiddenSize], role: 'embedding' },
    ...layers.flat(),
    norm('model.norm', hiddenSize, decoder),
    ...(config.tieWordEmbeddings ? [] : [head]),
  ];
}

const norm = (name: string, size: number, { normOffset }: LlamaDecoder): WeightShape => ({
  name: `${name}.weight`,
  shape: [size],
  role: normOffset === 1 ? 'offset-norm' : 'norm',
});

/** A projection `[out, in]`, with its bias where it has one. */
function projection(name: string, shape: readonly [number, number], bias: boolean): WeightShape[] {
  const role = /\.(o_proj|down_proj)$/.test(name) ? 'output-projection' : 'input-projection';
  const weight: WeightShape = { name: `${name}.weight`, shape, role };
  return bias ? [weight, { name: `${name}.bias`, shape: [shape[0]], role: 'bias' }] : [weight];
}

function layerWeights(config: FamilyConfig, decoder: LlamaDecoder, layer: string): WeightShape[] {
  const { hiddenSize } = config;
  const { norms } = decoder;
  const normAt = (name: string | null): WeightShape[] =>
    name === null ? [] : [norm(`${layer}.${name}`, hiddenSize, decoder)];
  return [
    ...normAt(norms.beforeAttention),
    ...attentionWeights(config, decoder, `${layer}.self_attn`),
    ...normAt(norms.afterAttention),
    ...normAt(norms.beforeFeedForward),
    ...feedForwardWeights(config, decoder, `${layer}.mlp`),
    ...normAt(norms.afterFeedForward),
  ];
}

function attentionWeights(config: FamilyConfig, decoder: LlamaDecoder, attention: string): WeightShape[] {
  const { hiddenSize, headDim, biases } = config;
  const querySize = config.numAttentionHeads * headDim;
  const keyValueSize = config.numKeyValueHeads * headDim;
  const reading = (name: string, size: number): WeightShape[] =>
    projection(`${attention}.${name}`, [size, hiddenSize], biases.queryKeyValue);
  const isWhole = decoder.queryKeyNorm === 'all heads';
  const norms = [
    norm(`${attention}.q_norm`, isWhole ? querySize : headDim, decoder),
    norm(`${attention}.k_norm`, isWhole ? keyValueSize : headDim, decoder),
  ];
  return [
    ...(decoder.isFused
      ? reading('qkv_proj', querySize + 2 * keyValueSize)
      : [...reading('q_proj', querySize), ...reading('k_proj', keyValueSize), ...reading('v_proj', keyValueSize)]),
    ...(decoder.queryKeyNorm === null ? [] : norms),
    ...projection(`${attention}.o_proj`, [hiddenSize, querySize], biases.attentionOutput),
  ];
}

function feedForwardWeights(config: FamilyConfig, { isFused }: LlamaDecoder, feedForward: string): WeightShape[] {
  const { hiddenSize, intermediateSize, biases } = config;
  const reading = (name: string, size: number): WeightShape[] =>
    projection(`${feedForward}.${name}`, [size, hiddenSize], biases.feedForward);
  return [
    ...(isFused
      ? reading('gate_up_proj', 2 * intermediateSize)
      : [...reading('gate_proj', intermediateSize), ...reading('up_proj', intermediateSize)]),
    ...projection(`${feedForward}.down_proj`, [hiddenSize, intermediateSize], biases.feedForward),
  ];
}
