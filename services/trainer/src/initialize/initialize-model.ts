import { ArtifactStore } from '@hone/artifacts';
import { familyOf, parseModelConfig, weightShapes, type ModelConfig } from '@hone/checkpoint';
import { invalidArgument, resourceExhausted, throwIfAborted } from '@hone/errors';
import { Tokenizer } from '@hone/tokenizer';
import { initializeWeights } from '@hone/training';
import type { StoredCheckpoint } from '@hone/training-engine';
import { storeCheckpoint } from '@hone/training-engine/data';
import type { InitializeJob } from './job.ts';

/** Draws the weights of a new model and stores it with its tokenizer. */
export async function initializeModel(job: InitializeJob, signal: AbortSignal): Promise<StoredCheckpoint> {
  const stated = parseConfig(job.configJson);
  const config = parseModelConfig(stated, null, 'config_json');
  requireSizes(config);
  const tokenizerFiles = Object.fromEntries(
    Object.entries(job.tokenizerFiles).map(([name, text]) => [name, Buffer.from(text, 'utf8')]),
  );
  const tokenizer = Tokenizer.fromFiles(tokenizerFiles, 'tokenizer_files');
  if (tokenizer.vocabSize > config.vocabSize) {
    const rule = `must be at least the tokenizer's ${tokenizer.vocabSize}, but is ${config.vocabSize}`;
    throw invalidArgument('config_json vocab_size', rule);
  }
  requireMemory(config, job.memoryBytes);
  const weights = initializeWeights(config, job.seed);
  throwIfAborted(signal);
  const store = await ArtifactStore.open(job.storeDir);
  return storeCheckpoint(store, { config, weights, generationConfig: generationConfigOf(config), tokenizerFiles });
}

/** What a published config leaves out has its family's default; a new model has the size that is asked for. */
function requireSizes(config: ModelConfig): void {
  const missing = familyOf(config).sizes.find((names) => names.every((name) => (config.raw[name] ?? null) === null));
  if (missing) throw invalidArgument(`config_json ${missing.join(' or ')}`, 'must be stated for a new model');
}

/** Weights stand in memory once as they are drawn and once as they are written. */
const COPIES = 2;

function requireMemory(config: ModelConfig, memoryBytes: number): void {
  const weights = weightShapes(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const bytes = weights * Float32Array.BYTES_PER_ELEMENT * COPIES;
  if (bytes <= memoryBytes) return;
  const gibibytes = (size: number): string => `${(size / 2 ** 30).toFixed(2)} GiB`;
  const rule = `a model of ${weights} weights takes ${gibibytes(bytes)} of memory, but ${gibibytes(memoryBytes)} are allowed`;
  throw resourceExhausted('OUT_OF_MEMORY', `config_json: ${rule}`);
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
