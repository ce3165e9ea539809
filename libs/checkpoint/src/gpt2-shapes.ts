import type { ModelConfig } from './model-config.ts';
import type { WeightShape } from './weights.ts';

/** Projections are `[in, out]`, as GPT-2 stores them. A tied model has no `lm_head.weight`. */
export function gpt2WeightShapes(config: ModelConfig): WeightShape[] {
  const { hiddenSize, vocabSize, numLayers, maxPositionEmbeddings } = config;
  const layers = Array.from({ length: numLayers }, (_, layer) => layerShapes(config, `transformer.h.${layer}`));
  return [
    { name: 'transformer.wte.weight', shape: [vocabSize, hiddenSize] },
    { name: 'transformer.wpe.weight', shape: [maxPositionEmbeddings, hiddenSize] },
    ...layers.flat(),
    ...vectors('transformer.ln_f', hiddenSize),
    ...(config.tieWordEmbeddings ? [] : [{ name: 'lm_head.weight', shape: [vocabSize, hiddenSize] }]),
  ];
}

const vectors = (name: string, size: number): WeightShape[] =>
  ['weight', 'bias'].map((kind) => ({ name: `${name}.${kind}`, shape: [size] }));

const projection = (name: string, input: number, output: number): WeightShape[] => [
  { name: `${name}.weight`, shape: [input, output] },
  { name: `${name}.bias`, shape: [output] },
];

function layerShapes({ hiddenSize, intermediateSize }: ModelConfig, layer: string): WeightShape[] {
  return [
    ...vectors(`${layer}.ln_1`, hiddenSize),
    ...projection(`${layer}.attn.c_attn`, hiddenSize, 3 * hiddenSize),
    ...projection(`${layer}.attn.c_proj`, hiddenSize, hiddenSize),
    ...vectors(`${layer}.ln_2`, hiddenSize),
    ...projection(`${layer}.mlp.c_fc`, hiddenSize, intermediateSize),
    ...projection(`${layer}.mlp.c_proj`, intermediateSize, hiddenSize),
  ];
}
