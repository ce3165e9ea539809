/** Models that the tests of this lib sample from. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  allocateWeights,
  createLlamaConfig,
  weightShapes,
  readModelFolder,
  type Checkpoint,
  type ModelConfig,
  type Weights,
} from '@hone/checkpoint';
import { DecodingEngine, type EngineOptions } from './engine.ts';
import type { SamplingParams } from './sampling/sampling-params.ts';
import type { SampledCompletion } from './sampling/completion.ts';
import { UniformStream } from './sampling/uniform-stream.ts';
import type { SampleRequest } from './validate-requests.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Golden values that are part of the project. */
export const goldenFolder = (name: string): string => path.join(root, 'test/golden', name);
export const goldenModel = (name: string): string => path.join(goldenFolder('models'), name);

/** Folder of further reference data, which not every machine has. */
export const referenceData = path.resolve(root, process.env['HONE_REFERENCE_DATA'] ?? '../shared');

/** For `describe.skipIf` and `test.skipIf`: says once, in the output, why the tests below are skipped. */
export function lacksReferenceData(...names: string[]): boolean {
  const missing = names.map((name) => path.join(referenceData, name)).find((file) => !existsSync(file));
  if (missing) process.stderr.write(`skipped: ${missing} is missing (set HONE_REFERENCE_DATA)\n`);
  return missing !== undefined;
}

export async function readJson<Content>(file: string): Promise<Content> {
  return JSON.parse(await readFile(file, 'utf8')) as Content;
}

/** Opens an engine on a model folder or GGUF file. */
export async function openEngine(
  folder: string,
  options: Partial<EngineOptions> = {},
): Promise<{ engine: DecodingEngine; checkpoint: Checkpoint }> {
  const checkpoint = await readModelFolder(folder);
  const { config, weights } = checkpoint;
  return { engine: await DecodingEngine.load({ config, weights, threads: 1, ...options }), checkpoint };
}

export const greedy = (maxTokens: number, ignoreEos = false): SamplingParams => ({
  temperature: 0,
  topK: 0,
  topP: 1,
  maxTokens,
  ignoreEos,
});

export const atTemperature = (temperature: number, maxTokens: number): SamplingParams => ({
  ...greedy(maxTokens),
  temperature,
});

export const request = (promptId: string, tokenIds: readonly number[], n = 1): SampleRequest => ({
  promptId,
  promptTokenIds: Int32Array.from(tokenIds),
  n,
});

/** All completions of a call, by "prompt/sample". */
export async function sampleAll(
  engine: DecodingEngine,
  requests: readonly SampleRequest[],
  params: SamplingParams,
  seed = 1n,
): Promise<Map<string, SampledCompletion>> {
  const all = new Map<string, SampledCompletion>();
  for await (const completion of engine.sample(requests, params, { seed })) {
    all.set(`${completion.promptId}/${completion.sampleIndex}`, completion);
  }
  return all;
}

/** Config and random weights of a model that is made up. */
export function randomModel(options: {
  readonly hiddenSize: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly vocabSize: number;
  readonly context?: number;
  readonly seed?: bigint;
}): { config: ModelConfig; weights: Weights } {
  const { hiddenSize, heads, keyValueHeads, vocabSize, context = 512, seed = 1n } = options;
  const config = createLlamaConfig({
    hiddenSize,
    intermediateSize: Math.floor(hiddenSize * 2.5),
    numLayers: 2,
    numAttentionHeads: heads,
    numKeyValueHeads: keyValueHeads,
    vocabSize,
    maxPositionEmbeddings: context,
    tieWordEmbeddings: false,
    eosTokenId: 0,
  });
  return { config, weights: randomWeights(config, seed) };
}

/** Weights that are made up, of the sizes of trained ones. */
export function randomWeights(config: ModelConfig, seed: bigint): Weights {
  const weights = allocateWeights(weightShapes(config));
  const uniforms = new UniformStream(seed);
  for (const { offset, length, shape } of weights.specs) {
    const spread = shape.length === 1 ? 0.5 : 3 / Math.sqrt(shape[1]!);
    const centre = shape.length === 1 ? 1 : 0;
    for (let index = offset; index < offset + length; index++) {
      weights.flat[index] = centre + (uniforms.next() - 0.5) * spread;
    }
  }
  return weights;
}
