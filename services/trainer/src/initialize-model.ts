import { ArtifactStore } from '@hone/artifacts';
import { parseModelConfig, type ModelConfig } from '@hone/checkpoint';
import { invalidArgument, throwIfAborted } from '@hone/errors';
import { Tokenizer } from '@hone/tokenizer';
import { initializeWeights } from '@hone/training';
import { storeCheckpoint } from './store-checkpoint.ts';
import type { InitializeJob, StoredCheckpoint } from './worker-protocol.ts';

/** Draws the weights of a new model and stores it with its tokenizer. */
export async function initializeModel(job: InitializeJob, signal: AbortSignal): Promise<StoredCheckpoint> {
  const config = parseModelConfig(parseConfig(job.configJson), null, 'config_json');
  const tokenizerFiles = Object.fromEntries(
    Object.entries(job.tokenizerFiles).map(([name, text]) => [name, Buffer.from(text, 'utf8')]),
  );
  const tokenizer = Tokenizer.fromFiles(tokenizerFiles, 'tokenizer_files');
  if (tokenizer.vocabSize > config.vocabSize) {
    const rule = `must be at least the tokenizer's ${tokenizer.vocabSize}, but is ${config.vocabSize}`;
    throw invalidArgument('config_json vocab_size', rule);
  }
  const weights = initializeWeights(config, job.seed);
  throwIfAborted(signal);
  const store = await ArtifactStore.open(job.storeDir);
  return storeCheckpoint(store, { config, weights, generationConfig: generationConfigOf(config), tokenizerFiles });
}

function parseConfig(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw invalidArgument('config_json', `is not JSON: ${(thrown as Error).message}`, thrown);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalidArgument('config_json', 'must be a JSON object');
}

/** What other programs look up there to end a completion. */
function generationConfigOf({ bosTokenId, eosTokenIds, padTokenId }: ModelConfig): Record<string, unknown> {
  return {
    bos_token_id: bosTokenId,
    eos_token_id: eosTokenIds.length > 1 ? eosTokenIds : (eosTokenIds[0] ?? null),
    pad_token_id: padTokenId,
  };
}
