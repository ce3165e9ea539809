/** ByteDance's Seed-OSS, which is built as Llama is: the example of docs/guides/family.md. */
import { llamaLike, noWindow } from '@hone/checkpoint';

/** Besides Llama's: biases of q, k and v unless the config says otherwise, and a switch of its own for that of the output. */
export const seedOss = llamaLike({
  modelType: 'seed_oss',
  className: 'SeedOssForCausalLM',
  // Where SeedOssConfig differs from LlamaConfig.
  defaults: {
    intermediateSize: 27648,
    numLayers: 64,
    vocabSize: 155136,
    attentionHeads: 80,
    keyValueHeads: 8,
    headDim: 128,
    context: 524288,
  },
  biases: (fields) => ({
    queryKeyValue: fields.boolean('attention_bias', true),
    attentionOutput: fields.boolean('attention_out_bias', false),
    feedForward: fields.boolean('mlp_bias', false),
  }),
  windows: noWindow,
  gguf: null,
});
