import { join } from 'node:path';
import { invalidArgument } from '@hone/errors';
import { ConfigFields } from './config-fields.ts';
import { readGenerationConfig } from './generation-config.ts';
import { readJsonObject } from './json-file.ts';
import { parseRope, type RopeScaling } from './rope.ts';

/** A model's shape and constants, the same whichever layout of config.json they came from. */
export interface ModelConfig {
  readonly architecture: 'llama';
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numLayers: number;
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly vocabSize: number;
  readonly maxPositionEmbeddings: number;
  readonly rmsNormEps: number;
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling | null;
  readonly tieWordEmbeddings: boolean;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
  /** config.json as it was read; written back unchanged on export, but for the storage type. */
  readonly raw: Readonly<Record<string, unknown>>;
}

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
  requireLlama(fields);
  const hiddenSize = fields.positiveInteger('hidden_size');
  const numAttentionHeads = fields.positiveInteger('num_attention_heads');
  const maxPositionEmbeddings = fields.positiveInteger('max_position_embeddings', 2048);
  const generation = new ConfigFields(generationConfig ?? {}, 'generation_config.json');
  const config: ModelConfig = {
    architecture: 'llama',
    hiddenSize,
    intermediateSize: fields.positiveInteger('intermediate_size'),
    numLayers: fields.positiveInteger('num_hidden_layers'),
    numAttentionHeads,
    numKeyValueHeads: fields.positiveInteger('num_key_value_heads', numAttentionHeads),
    headDim: fields.positiveInteger('head_dim', hiddenSize / numAttentionHeads),
    vocabSize: fields.positiveInteger('vocab_size'),
    maxPositionEmbeddings,
    rmsNormEps: fields.positiveNumber('rms_norm_eps', 1e-6),
    ...parseRope(fields, maxPositionEmbeddings),
    tieWordEmbeddings: fields.boolean('tie_word_embeddings', false),
    bosTokenId: fields.tokenIds('bos_token_id')[0] ?? null,
    eosTokenIds: generation.has('eos_token_id') ? generation.tokenIds('eos_token_id') : fields.tokenIds('eos_token_id'),
    padTokenId: (fields.has('pad_token_id') ? fields : generation).tokenIds('pad_token_id')[0] ?? null,
    raw,
  };
  requireConsistent(config, file);
  return config;
}

/** A bias or another activation would silently change every logit, so each one that is not ours is refused by name. */
function requireLlama(fields: ConfigFields): void {
  fields.require('model_type', 'llama');
  fields.require('hidden_act', 'silu', 'silu');
  fields.require('attention_bias', false, false);
  fields.require('mlp_bias', false, false);
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
