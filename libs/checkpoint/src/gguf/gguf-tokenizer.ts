import { dataLoss, unimplemented } from '@hone/errors';
import type { TokenizerFiles } from '../tokenizer-files.ts';
import type { GgufFile, GgufMetadata } from './gguf-file.ts';
import { sentencePieceParts } from './gguf-sentencepiece.ts';

/** llama.cpp's token types (llama_token_type). */
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;

const byteLevel = (useRegex: boolean): object => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});
const split = (digits: string): object => ({
  type: 'Split',
  pattern: {
    Regex: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
  },
  behavior: 'Isolated',
  invert: false,
});
const sequence = (...pretokenizers: object[]): object => ({ type: 'Sequence', pretokenizers });

interface Scheme {
  readonly preTokenizer: object;
  readonly normalizer?: object;
  readonly ignoreMerges?: boolean;
  /** Whether texts begin with BOS where the file does not say: converters of Llama 3 write no add_bos_token. */
  readonly addBos?: boolean;
}

const LLAMA3: Scheme = {
  preTokenizer: sequence(split('\\p{N}{1,3}'), byteLevel(false)),
  ignoreMerges: true,
  addBos: true,
};

/**
 * How text is cut before merging, by the name that llama.cpp gives the scheme (`tokenizer.ggml.pre`). Transformers' own
 * GGUF reader cuts every file as GPT-2 does, so it differs here for smollm where several blanks stand before a digit.
 */
const SCHEMES: { readonly [name: string]: Scheme } = {
  'gpt-2': { preTokenizer: byteLevel(true) },
  smollm: { preTokenizer: sequence({ type: 'Digits', individual_digits: true }, byteLevel(true)) },
  'llama-bpe': LLAMA3,
  'llama-v3': LLAMA3,
  llama3: LLAMA3,
  qwen2: { preTokenizer: sequence(split('\\p{N}'), byteLevel(false)), normalizer: { type: 'NFC' } },
};

/** Builds Hugging Face's tokenizer files from the tokenizer inside a GGUF file: byte-level BPE, or SentencePiece's. */
export function tokenizerFromGguf({ metadata, file }: GgufFile): TokenizerFiles {
  const tokens = metadata.strings('tokenizer.ggml.tokens');
  const types = metadata.numbers('tokenizer.ggml.token_type');
  if (types.length !== tokens.length)
    throw dataLoss(file, 'tokenizer.ggml.token_type is not as long as the token list');
  const kind = metadata.string('tokenizer.ggml.model');
  if (!Object.hasOwn(KINDS, kind)) {
    throw unimplemented(`${file}: its tokenizer is of kind "${kind}", not "gpt2" or "llama"; ${ADVICE}`);
  }
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens(tokens, types),
    ...KINDS[kind]!(metadata, tokens, file),
  };
  const template = metadata.optionalString('tokenizer.chat_template');
  return {
    'tokenizer.json': encodeJson(tokenizer),
    'tokenizer_config.json': encodeJson(tokenizerConfig(metadata, tokens)),
    ...(template === null ? {} : { 'chat_template.jinja': new TextEncoder().encode(template) }),
  };
}

const ADVICE = "put the model's tokenizer.json beside the file";

/** By `tokenizer.ggml.model`, the parts of tokenizer.json. */
const KINDS: Readonly<Record<string, (metadata: GgufMetadata, tokens: readonly string[], file: string) => object>> = {
  gpt2: (metadata, tokens, file) => {
    const scheme = findScheme(metadata, file);
    return {
      normalizer: scheme.normalizer ?? null,
      pre_tokenizer: scheme.preTokenizer,
      post_processor: postProcessor(metadata, tokens, scheme.addBos ?? false),
      decoder: { ...byteLevel(true), add_prefix_space: true },
      model: bpeModel(metadata, tokens, scheme.ignoreMerges ?? false, file),
    };
  },
  llama: (metadata, tokens, file) => ({
    ...sentencePieceParts(metadata, tokens, file),
    post_processor: postProcessor(metadata, tokens, true),
  }),
};

function findScheme(metadata: GgufMetadata, file: string): Scheme {
  const name = metadata.optionalString('tokenizer.ggml.pre') ?? 'gpt-2';
  const scheme = SCHEMES[name];
  if (!scheme) throw unimplemented(`${file}: unknown tokenizer scheme "${name}"; ${ADVICE}`);
  return scheme;
}

function addedTokens(tokens: readonly string[], types: readonly number[]): object[] {
  return tokens.flatMap((content, id) => {
    const type = types[id];
    if (type !== UNKNOWN && type !== CONTROL && type !== USER_DEFINED) return [];
    const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
    return [{ id, content, ...flags, special: type !== USER_DEFINED }];
  });
}

function bpeModel(metadata: GgufMetadata, tokens: readonly string[], ignoreMerges: boolean, file: string): object {
  const merges = metadata.strings('tokenizer.ggml.merges').map((merge) => {
    // A part may be a blank only as the visible letter that stands for it, so the first blank divides.
    const at = merge.indexOf(' ', 1);
    if (at < 0) throw dataLoss(file, `merge ${JSON.stringify(merge)} does not have two parts`);
    return [merge.slice(0, at), merge.slice(at + 1)];
  });
  return {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: ignoreMerges,
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    merges,
  };
}

function postProcessor(metadata: GgufMetadata, tokens: readonly string[], addBos: boolean): object {
  const bos = metadata.optionalNumber('tokenizer.ggml.bos_token_id');
  const token = bos === null ? undefined : tokens[bos];
  const begins = metadata.has('tokenizer.ggml.add_bos_token') ? metadata.flag('tokenizer.ggml.add_bos_token') : addBos;
  if (!begins || token === undefined) {
    return { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true };
  }
  const begin = { SpecialToken: { id: token, type_id: 0 } };
  const text = (id: 'A' | 'B'): object => ({ Sequence: { id, type_id: 0 } });
  return {
    type: 'TemplateProcessing',
    single: [begin, text('A')],
    pair: [begin, text('A'), begin, text('B')],
    special_tokens: { [token]: { id: token, ids: [bos], tokens: [token] } },
  };
}

function tokenizerConfig(metadata: GgufMetadata, tokens: readonly string[]): object {
  const names = { bos_token: 'bos', eos_token: 'eos', unk_token: 'unknown', pad_token: 'padding' };
  const special = Object.entries(names).flatMap(([field, key]) => {
    const id = metadata.optionalNumber(`tokenizer.ggml.${key}_token_id`);
    const token = id === null ? undefined : tokens[id];
    return token === undefined ? [] : [[field, token] as const];
  });
  return {
    ...Object.fromEntries(special),
    clean_up_tokenization_spaces: false,
    model_max_length: metadata.number(`${metadata.string('general.architecture')}.context_length`),
    tokenizer_class: 'PreTrainedTokenizerFast',
  };
}

function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
