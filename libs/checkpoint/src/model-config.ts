import { join } from 'node:path';
import { invalidArgument } from '@hone/errors';
import type { Activation } from './activation.ts';
import { ConfigFields } from './config-fields.ts';
import { refuseQuantized, requireKnownKeys } from './config-keys.ts';
import { LIMITS } from './config-limits.ts';
import { readGenerationConfig } from './generation-config.ts';
import { parseGpt2 } from './gpt2-config.ts';
import { readJsonObject } from './json-file.ts';
import type { LayerAttention } from './layer-attention.ts';
import { parseLlamaLike } from './llama-config.ts';
import type { RopeScaling } from './rope.ts';

/** Model families, by Transformers' model_type. */
export type Architecture = 'llama' | 'mistral' | 'qwen2' | 'qwen3' | 'gpt2';

/** What the architecture's part of config.json says. */
export interface ArchitectureConfig {
  readonly architecture: Architecture;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly activation: Activation;
  readonly numLayers: number;
  /** Of each layer. */
  readonly layers: readonly LayerAttention[];
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
  readonly tieWordEmbeddings: boolean;
  readonly vocabSize: number;
}

/** A model's shape and constants, the same whichever layout of config.json they came from. */
export interface ModelConfig extends ArchitectureConfig {
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
  const architecture = architectureOf(fields);
  // Before its shapes are looked at: packed weights have others.
  refuseQuantized(fields);
  fields.require('is_encoder_decoder', false);
  const config: ModelConfig = {
    ...PARSERS[architecture](fields),
    bosTokenId: fields.tokenIds('bos_token_id')[0] ?? null,
    eosTokenIds: generation.has('eos_token_id') ? generation.tokenIds('eos_token_id') : fields.tokenIds('eos_token_id'),
    padTokenId: (fields.has('pad_token_id') ? fields : generation).tokenIds('pad_token_id')[0] ?? null,
    raw,
  };
  requireKnownKeys(fields);
  requireTokensInVocabulary(config, file);
  return config;
}

function architectureOf(fields: ConfigFields): Architecture {
  const type = fields.string('model_type');
  if (Object.hasOwn(PARSERS, type)) return type as Architecture;
  const known = Object.keys(PARSERS).map((name) => `"${name}"`);
  throw fields.unsupported('model_type', `${known.slice(0, -1).join(', ')} and ${known.at(-1)} are`);
}

/** An end that can never be drawn would go unnoticed; the other ids are notes for tokenizers. */
function requireTokensInVocabulary(
  { vocabSize, bosTokenId, eosTokenIds, padTokenId }: ModelConfig,
  file: string,
): void {
  const outside = eosTokenIds.find((id) => id >= vocabSize);
  if (outside !== undefined) {
    throw invalidArgument(`${file} eos_token_id`, `${outside} is outside the vocabulary of ${vocabSize} tokens`);
  }
  for (const [field, id] of Object.entries({ bos_token_id: bosTokenId, pad_token_id: padTokenId })) {
    if ((id ?? 0) >= LIMITS.vocabulary) {
      throw invalidArgument(`${file} ${field}`, `must be below ${LIMITS.vocabulary}, is ${id}`);
    }
  }
}
