export { parseModelConfig, readModelConfig } from './model-config.ts';
export * from './family/kit.ts';
export type { Decoder, LlamaDecoder } from './family/family.ts';
export { FAMILIES, familyOf } from './family/registry.ts';
export type { Activation } from './config/activation.ts';
export { attentionWindows, type LayerAttention } from './config/layer-attention.ts';
export type { Rope, RopeScaling } from './config/rope.ts';
export { weightShapes } from './family/weight-shapes.ts';
export {
  allocateWeights,
  elementCount,
  isProjection,
  requireFinite,
  weightView,
  type Weights,
  type WeightSpec,
} from './tensors/weights.ts';
export { readCheckpoint, type Checkpoint, type ReadOptions } from './read-checkpoint.ts';
export { readTensorFile, type Tensor, type TensorValues } from './tensors/tensor-file.ts';
export { readGenerationConfig } from './config/generation-config.ts';
export { readTokenizerFiles, TOKENIZER_FILE_NAMES, type TokenizerFiles } from './tokenizer-files.ts';
export { writeCheckpoint, writeCheckpointFiles, type WriteOptions } from './write-checkpoint.ts';
export { writeSafetensors, type FlatTensors } from './tensors/safetensors-write.ts';
export { createLlamaConfig, type LlamaOptions } from './create-config.ts';
export type { StorageType } from './tensors/dtype.ts';
export { checkpointFromGguf } from './gguf/read-gguf.ts';
export { readModelFolder } from './read-model-folder.ts';
