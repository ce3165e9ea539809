import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dataLoss, invalidArgument } from '@hone/errors';
import { readGenerationConfig } from '../config/generation-config.ts';
import { weightShapes } from '../family/weight-shapes.ts';
import type { GgufMap, ModelConfig, ModelFamily } from '../family/family.ts';
import { familyOf } from '../family/registry.ts';
import { parseModelConfig, readModelConfig } from '../model-config.ts';
import type { Checkpoint, ReadOptions } from '../read-checkpoint.ts';
import { readTokenizerFiles, type TokenizerFiles } from '../tokenizer-files.ts';
import { allocateWeights, firstNonFinite, type WeightShape, type WeightSpec } from '../tensors/weights.ts';
import { configFromGguf, familyOfGguf } from './gguf-config.ts';
import { GgufFile, ROPE_FACTORS, type GgufTensor } from './gguf-file.ts';
import { ggufName, swapRotaryHalves, transpose } from './gguf-layout.ts';
import { tokenizerFromGguf } from './gguf-tokenizer.ts';

/**
 * Reads a model from a GGUF file (F32, F16, Q8_0, Q4_0, Q4_1), de-quantised to fp32 in Hugging Face's layout. A config.json or
 * tokenizer.json beside the file wins over what the file itself says.
 */
export async function checkpointFromGguf(file: string, options: ReadOptions = {}): Promise<Checkpoint> {
  const source = await GgufFile.open(file);
  try {
    const { gguf } = familyOfGguf(source);
    const { config, generationConfig } = await readConfigs(source, gguf.architecture);
    const shapes = weightShapes(config);
    const stored = shapes.map((shape) =>
      findTensor(source, shape, { layerPrefix: familyOf(config).layerPrefix, gguf }),
    );
    requireNoOthers(source, stored);
    const tokenizerFiles = await readTokenizer(source);
    const weights = allocateWeights(shapes, options);
    for (const [index, spec] of weights.specs.entries()) {
      const target = weights.flat.subarray(spec.offset, spec.offset + spec.length);
      await source.read(stored[index]!, target, options.signal);
      const at = firstNonFinite(target);
      if (at >= 0)
        throw dataLoss(file, `tensor ${stored[index]!.name} holds a value that is not finite at element ${at}`);
      toHuggingFace(spec, target, config, gguf);
    }
    return { config, generationConfig, weights, tokenizerFiles };
  } finally {
    await source.close();
  }
}

/** Puts a tensor of the file's architecture into Hugging Face's order, in place. */
function toHuggingFace(spec: WeightSpec, values: Float32Array, config: ModelConfig, gguf: GgufMap): void {
  if (gguf.rotatesNeighbours) swapRotaryHalves(spec, values, config);
  if (gguf.normShift !== 0 && spec.role === 'offset-norm')
    values.forEach((value, index) => (values[index] = value - gguf.normShift));
  if (spec.isTransposed) transpose(values, spec.shape as [number, number]);
}

async function readConfigs(
  source: GgufFile,
  architecture: string,
): Promise<Pick<Checkpoint, 'config' | 'generationConfig'>> {
  const folder = dirname(source.file);
  if (await exists(join(folder, 'config.json'))) {
    const config = await readModelConfig(folder);
    if (familyOf(config).gguf?.architecture !== architecture) {
      throw invalidArgument(
        join(folder, 'config.json'),
        `is of a ${config.architecture} model, but ${source.file} of ${architecture}`,
      );
    }
    return { config, generationConfig: await readGenerationConfig(folder) };
  }
  const { config, generationConfig } = configFromGguf(source);
  return { config: parseModelConfig(config, generationConfig, source.file), generationConfig };
}

async function readTokenizer(source: GgufFile): Promise<TokenizerFiles> {
  const beside = await readTokenizerFiles(dirname(source.file));
  return 'tokenizer.json' in beside ? beside : tokenizerFromGguf(source);
}

function findTensor(
  source: GgufFile,
  weight: WeightShape,
  { layerPrefix, gguf }: Pick<ModelFamily, 'layerPrefix'> & { gguf: GgufMap },
): GgufTensor {
  const name = ggufName(weight.name, layerPrefix, gguf);
  const tensor = source.tensors.get(name);
  if (!tensor) throw dataLoss(source.file, `tensor ${name} is missing`);
  const shape = weight.isTransposed ? weight.shape.toReversed() : weight.shape;
  if (tensor.shape.join() !== shape.join()) {
    const problem = `is [${tensor.shape.join(', ')}], the config says [${shape.join(', ')}]`;
    throw dataLoss(source.file, `tensor ${tensor.name} ${problem}`);
  }
  return tensor;
}

function requireNoOthers(source: GgufFile, used: readonly GgufTensor[]): void {
  const known = new Set(used.map(({ name }) => name));
  // Part of the config.
  for (const name of Object.values(ROPE_FACTORS)) known.add(name);
  for (const name of source.tensors.keys()) {
    if (!known.has(name)) throw dataLoss(source.file, `tensor ${name} does not belong to this model`);
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
