import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { dataLoss, notFound } from '@hone/errors';
import { readGenerationConfig } from './config/generation-config.ts';
import { readJsonObject } from './json-file.ts';
import type { ModelConfig } from './family/family.ts';
import { familyOf } from './family/registry.ts';
import { readModelConfig } from './model-config.ts';
import type { StoredTensor } from './tensors/safetensors-header.ts';
import { SafetensorsFile } from './tensors/safetensors-read.ts';
import { readTokenizerFiles, type TokenizerFiles } from './tokenizer-files.ts';
import { weightShapes } from './family/weight-shapes.ts';
import { allocateWeights, firstNonFinite, type Weights, type WeightShape, type WeightSpec } from './tensors/weights.ts';

/** A model in memory: everything that a Hugging Face model folder holds. */
export interface Checkpoint {
  readonly config: ModelConfig;
  readonly weights: Weights;
  /** generation_config.json as it was read; null where there was none. */
  readonly generationConfig: Readonly<Record<string, unknown>> | null;
  /** tokenizer.json and what belongs to it, byte for byte. */
  readonly tokenizerFiles: TokenizerFiles;
}

export interface ReadOptions {
  /** Put the weights in a SharedArrayBuffer, so that worker threads need no copy of them. */
  readonly shared?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Reads a Hugging Face model folder (one safetensors file, or shards with an index; F32, F16 or BF16) into one flat fp32
 * buffer. Every tensor of the architecture must be there in its shape, and none besides.
 */
export async function readCheckpoint(folder: string, options: ReadOptions = {}): Promise<Checkpoint> {
  const config = await readModelConfig(folder);
  const shapes = weightShapes(config);
  const stored = await openWeightFiles(folder, canonicalNames(shapes, familyOf(config).basePrefix));
  let weights: Weights;
  try {
    useHeadAsEmbedding(stored, config, shapes[0]!);
    // Before anything is allocated: a damaged config.json may state sizes that no machine holds.
    for (const shape of shapes) requireStored(stored, folder, shape);
    weights = allocateWeights(shapes, options);
    for (const spec of weights.specs) await readWeight(stored, spec, weights, options.signal);
    await requireNoOthers(stored, config, weights);
  } finally {
    for (const file of stored.files) await file.close();
  }
  return {
    config,
    weights,
    generationConfig: await readGenerationConfig(folder),
    tokenizerFiles: await readTokenizerFiles(folder),
  };
}

interface StoredWeights {
  readonly files: readonly SafetensorsFile[];
  readonly byName: Map<string, { file: SafetensorsFile; tensor: StoredTensor }>;
}

/** The one tensor of a tied model may be stored under the name of either end: some writers keep the head. */
function useHeadAsEmbedding({ byName }: StoredWeights, config: ModelConfig, embedding: WeightShape): void {
  const head = byName.get('lm_head.weight');
  if (!config.tieWordEmbeddings || !head || byName.has(embedding.name)) return;
  byName.set(embedding.name, head);
  byName.delete('lm_head.weight');
}

function requireStored(stored: StoredWeights, folder: string, { name, shape }: WeightShape): void {
  const found = stored.byName.get(name);
  if (!found) {
    const advice = name === 'lm_head.weight' ? ': a model without a head of its own sets tie_word_embeddings' : '';
    throw dataLoss(folder, `tensor ${name} is missing${advice}`);
  }
  const { file, tensor } = found;
  if (tensor.shape.join() !== shape.join()) {
    const expected = shape.join(', ');
    throw dataLoss(file.file, `tensor ${name} is [${tensor.shape.join(', ')}], config.json says [${expected}]`);
  }
}

async function readWeight(
  stored: StoredWeights,
  spec: WeightSpec,
  weights: Weights,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { file, tensor } = stored.byName.get(spec.name)!;
  const target = weights.flat.subarray(spec.offset, spec.offset + spec.length);
  await file.read(tensor, target, signal);
  const at = firstNonFinite(target);
  if (at >= 0) throw dataLoss(file.file, `tensor ${spec.name} holds a value that is not finite at element ${at}`);
}

async function openWeightFiles(folder: string, canonicalName: (name: string) => string): Promise<StoredWeights> {
  const files: SafetensorsFile[] = [];
  const byName = new Map<string, { file: SafetensorsFile; tensor: StoredTensor }>();
  try {
    for (const name of await weightFileNames(folder)) {
      const file = await SafetensorsFile.open(join(folder, name));
      files.push(file);
      for (const tensor of file.tensors.values()) {
        const name = canonicalName(tensor.name);
        if (byName.has(name)) throw dataLoss(file.file, `tensor ${tensor.name} is there already`);
        byName.set(name, { file, tensor });
      }
    }
  } catch (error) {
    for (const file of files) await file.close();
    throw error;
  }
  return { files, byName };
}

/** All of them are open at once. */
const MOST_SHARDS = 500;

async function weightFileNames(folder: string): Promise<string[]> {
  const single = 'model.safetensors';
  if (await exists(join(folder, single))) return [single];
  const index = join(folder, 'model.safetensors.index.json');
  if (!(await exists(index))) {
    throw notFound(
      join(folder, single),
      'weights must be safetensors; convert pytorch_model.bin with Transformers first',
    );
  }
  const { weight_map: map } = await readJsonObject(index);
  const names = typeof map === 'object' && map !== null ? [...new Set<unknown>(Object.values(map))] : [];
  if (names.length === 0) throw dataLoss(index, 'weight_map is missing or empty');
  if (names.length > MOST_SHARDS)
    throw dataLoss(index, `weight_map names ${names.length} files, more than ${MOST_SHARDS}`);
  for (const name of names) {
    // A shard lies beside its index: a path in here would let a model folder read outside itself.
    if (typeof name !== 'string' || basename(name) !== name) {
      throw dataLoss(index, `weight_map names ${JSON.stringify(name)}, which is not a file of this folder`);
    }
    if (!(await exists(join(folder, name)))) throw dataLoss(index, `shard ${name} is missing`);
  }
  return names as string[];
}

/** Base models are stored without the head's class around them, whose name is then missing before every tensor's. */
function canonicalNames(shapes: readonly WeightShape[], base: string): (name: string) => string {
  const known = new Set(shapes.map(({ name }) => name));
  return (name) => (known.has(`${base}.${name}`) ? `${base}.${name}` : name);
}

async function requireNoOthers(stored: StoredWeights, config: ModelConfig, weights: Weights): Promise<void> {
  const known = new Set(weights.specs.map((spec) => spec.name));
  const { computedTensors } = familyOf(config);
  for (const [name, { file, tensor }] of stored.byName) {
    if (known.has(name) || computedTensors.test(name)) continue;
    if (name !== 'lm_head.weight' || !config.tieWordEmbeddings) {
      throw dataLoss(file.file, `tensor ${name} does not belong to this model`);
    }
    await requireSameAsEmbedding(file, tensor, weights);
  }
}

/** A tied model may store its head again, but a head that differs would be lost here without a word. */
async function requireSameAsEmbedding(file: SafetensorsFile, head: StoredTensor, weights: Weights): Promise<void> {
  const spec = weights.specs[0] as WeightSpec;
  const embedding = weights.flat.subarray(spec.offset, spec.offset + spec.length);
  const values = new Float32Array(embedding.length);
  if (head.shape.join() === spec.shape.join()) await file.read(head, values);
  if (head.shape.join() !== spec.shape.join() || values.some((value, index) => value !== embedding[index])) {
    throw dataLoss(file.file, `config.json ties the embeddings, but lm_head.weight differs from ${spec.name}`);
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
