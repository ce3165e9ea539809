import { join } from 'node:path';
import { invalidArgument } from '@hone/errors';
import { ConfigFields } from './config/config-fields.ts';
import { refuseQuantized, requireKnownKeys } from './config/config-keys.ts';
import { LIMITS } from './config/config-limits.ts';
import type { ModelConfig } from './family/family.ts';
import { familyByModelType } from './family/registry.ts';
import { readGenerationConfig } from './config/generation-config.ts';
import { readJsonObject } from './json-file.ts';

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
  const family = familyByModelType(fields.string('model_type'), file);
  // Before its shapes are looked at: packed weights have others.
  refuseQuantized(fields);
  fields.require('is_encoder_decoder', false);
  const config: ModelConfig = {
    ...family.parse(fields),
    bosTokenId: fields.tokenIds('bos_token_id')[0] ?? null,
    eosTokenIds: generation.has('eos_token_id') ? generation.tokenIds('eos_token_id') : fields.tokenIds('eos_token_id'),
    padTokenId: (fields.has('pad_token_id') ? fields : generation).tokenIds('pad_token_id')[0] ?? null,
    raw,
  };
  requireKnownKeys(fields);
  requireTokensInVocabulary(config, file);
  return config;
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
