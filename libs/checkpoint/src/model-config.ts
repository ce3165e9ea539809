import { join } from 'node:path';
import { invalidArgument } from '@hone/errors';
import { ConfigFields } from './config-fields.ts';
import { readGenerationConfig } from './generation-config.ts';
import { parseGpt2 } from './gpt2-config.ts';
import { readJsonObject } from './json-file.ts';
import { parseLlamaLike } from './llama-config.ts';
import type { RopeScaling } from './rope.ts';

/** Model families, by Transformers' model_type. */
export type Architecture = 'llama' | 'mistral' | 'qwen2' | 'qwen3' | 'gpt2';

/** What the architecture's part of config.json says. */
export interface ArchitectureConfig {
  readonly architecture: Architecture;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numLayers: number;
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly maxPositionEmbeddings: number;
  /** Of RMSNorm; of LayerNorm in GPT-2. */
  readonly normEps: number;
  /** Base of the rotary frequencies; of no meaning where positions are learned (GPT-2). */
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling | null;
  /** Which projections have biases. */
  readonly biases: {
    readonly queryKeyValue: boolean;
    readonly attentionOutput: boolean;
    readonly feedForward: boolean;
  };
  /** Whether each head's query and key is normalised before it is rotated. */
  readonly queryKeyNorm: boolean;
  /** How many positions a token sees, its own included; null: all before it. */
  readonly slidingWindow: number | null;
  readonly tieWordEmbeddings: boolean;
}

/** A model's shape and constants, the same whichever layout of config.json they came from. */
export interface ModelConfig extends ArchitectureConfig {
  readonly vocabSize: number;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
  /** config.json as it was read; written back unchanged on export, but for the storage type. */
  readonly raw: Readonly<Record<string, unknown>>;
}

const PARSERS: Readonly<Record<Architecture, (fields: ConfigFields) => ArchitectureConfig>> = {
  llama: parseLlamaLike,
  mistral: parseLlamaLike,
  qwen2: parseLlamaLike,
  qwen3: parseLlamaLike,
  gpt2: parseGpt2,
};

/**
 * Reads `config.json` of a Hugging Face model folder, and the token ids that end a completion from
 * `generation_config.json`, which is where Transformers looks for them when it generates.
 */
export async function readModelConfig(folder: string): Promise<ModelConfig> {
  const file = join(folder, 'config.json');
  const raw = await readJsonObject(file);
  return parseModelConfig(raw, await readGenerationConfig(folder), file);
}

/** Validates a config.json that is already parsed; `file` is what error messages call it. */
export function parseModelConfig(
  raw: Readonly<Record<string, unknown>>,
  generationConfig: Readonly<Record<string, unknown>> | null = null,
  file = 'config.json',
): ModelConfig {
  const fields = new ConfigFields(raw, file);
  const generation = new ConfigFields(generationConfig ?? {}, 'generation_config.json');
  const config: ModelConfig = {
    ...PARSERS[architectureOf(fields)](fields),
    vocabSize: fields.positiveInteger('vocab_size'),
    bosTokenId: fields.tokenIds('bos_token_id')[0] ?? null,
    eosTokenIds: generation.has('eos_token_id') ? generation.tokenIds('eos_token_id') : fields.tokenIds('eos_token_id'),
    padTokenId: (fields.has('pad_token_id') ? fields : generation).tokenIds('pad_token_id')[0] ?? null,
    raw,
  };
  requireConsistent(config, file);
  return config;
}

function architectureOf(fields: ConfigFields): Architecture {
  const type = fields.string('model_type');
  if (Object.hasOwn(PARSERS, type)) return type as Architecture;
  const known = Object.keys(PARSERS).map((name) => `"${name}"`);
  throw fields.unsupported('model_type', `${known.slice(0, -1).join(', ')} and ${known.at(-1)} are`);
}

function requireConsistent(config: ModelConfig, file: string): void {
  const { numAttentionHeads, numKeyValueHeads, headDim, vocabSize } = config;
  if (numAttentionHeads % numKeyValueHeads !== 0) {
    throw invalidArgument(
      `${file} num_key_value_heads`,
      `must divide num_attention_heads (${numAttentionHeads}), is ${numKeyValueHeads}`,
    );
  }
  if (headDim % 2 !== 0) {
    throw invalidArgument(`${file} head_dim`, `must be even, because rotary embedding turns pairs; is ${headDim}`);
  }
  const tooLarge = config.eosTokenIds.find((id) => id >= vocabSize);
  if (tooLarge !== undefined) {
    throw invalidArgument(`${file} eos_token_id`, `${tooLarge} is outside the vocabulary of ${vocabSize} tokens`);
  }
}
