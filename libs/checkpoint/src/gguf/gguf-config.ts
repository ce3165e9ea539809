import { dataLoss, unimplemented } from '@hone/errors';
import { shown } from '../config/config-fields.ts';
import { familyInGguf, ggufArchitectures, type GgufFamily } from '../family/registry.ts';
import type { GgufFile, GgufMetadata } from './gguf-file.ts';

/** What config.json and generation_config.json would say of the model in a GGUF file. */
export interface GgufConfig {
  readonly config: Record<string, unknown>;
  readonly generationConfig: Record<string, unknown>;
}

/** The family of a GGUF file, one that can be read. */
export function familyOfGguf(source: GgufFile): GgufFamily {
  const { metadata, file } = source;
  const architecture = metadata.string('general.architecture');
  const found = familyInGguf(architecture, source);
  if (found) return found;
  throw unimplemented(
    `${file}: general.architecture is ${shown(architecture)}, but only ${ggufArchitectures().join(', ')} are supported in GGUF`,
  );
}

/** Writes a GGUF file's metadata as Hugging Face's configs, in the layout of published checkpoints. */
export function configFromGguf(source: GgufFile): GgufConfig {
  const { modelType, className, gguf } = familyOfGguf(source);
  const tokens = specialTokenIds(source.metadata);
  const config = {
    architectures: [className],
    model_type: modelType,
    ...gguf.config(source),
    vocab_size: embeddingOf(source).shape[0],
    tie_word_embeddings: !source.tensors.has('output.weight'),
    ...tokens,
    torch_dtype: 'float32',
  };
  requireKnownKeys(source, gguf.architecture);
  return { config, generationConfig: tokens };
}

function embeddingOf({ tensors, file }: GgufFile) {
  const embedding = tensors.get('token_embd.weight');
  if (!embedding) throw dataLoss(file, 'tensor token_embd.weight is missing');
  return embedding;
}

/** Keys of an architecture that change no number of the models that are read here. */
const HARMLESS = ['vocab_size', 'tensor_data_layout', 'attention.head_count_kv'];

/** As in config.json: a key that is not known may change the model's numbers, unless it switches nothing on. */
function requireKnownKeys({ metadata, file }: GgufFile, prefix: string): void {
  for (const [key, value] of metadata.others(`${prefix}.`)) {
    if (HARMLESS.includes(key.slice(prefix.length + 1)) || Number(value) === 0) continue;
    throw unimplemented(`${file}: ${key} is ${shown(String(value))}, a key that Hone does not know`);
  }
  const parts = metadata.optionalNumber('split.count') ?? 0;
  if (parts > 1) throw unimplemented(`${file}: split.count is ${parts}: join the model's files into one`);
}

function specialTokenIds(metadata: GgufMetadata): Record<string, unknown> {
  const endOfText = metadata.optionalNumber('tokenizer.ggml.eos_token_id');
  const endOfTurn = metadata.optionalNumber('tokenizer.ggml.eot_token_id');
  const ends = [...new Set([endOfText, endOfTurn].filter((id) => id !== null))];
  return {
    bos_token_id: metadata.optionalNumber('tokenizer.ggml.bos_token_id'),
    eos_token_id: ends.length > 1 ? ends : (ends[0] ?? null),
    pad_token_id: metadata.optionalNumber('tokenizer.ggml.padding_token_id'),
  };
}
