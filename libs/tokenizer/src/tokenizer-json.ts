/** What a tokenizer.json may hold: Hugging Face's `tokenizers` reads it, and what it does not know is refused here by name. */
import { dataLoss } from '@hone/errors';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Types by section, as of tokenizers 0.23. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  normalizer: [
    ...['BertNormalizer', 'ByteLevel', 'Lowercase', 'NFC', 'NFD', 'NFKC', 'NFKD', 'Nmt', 'Precompiled', 'Prepend'],
    ...['Replace', 'Sequence', 'Strip', 'StripAccents'],
  ],
  pre_tokenizer: [
    ...['BertPreTokenizer', 'ByteLevel', 'CharDelimiterSplit', 'Digits', 'FixedLength', 'Metaspace', 'Punctuation'],
    ...['Sequence', 'Split', 'UnicodeScripts', 'Whitespace', 'WhitespaceSplit'],
  ],
  post_processor: ['BertProcessing', 'ByteLevel', 'RobertaProcessing', 'Sequence', 'TemplateProcessing'],
  decoder: [
    ...['BPEDecoder', 'ByteFallback', 'ByteLevel', 'CTC', 'Fuse', 'Metaspace', 'Replace', 'Sequence', 'Strip'],
    'WordPiece',
  ],
  model: ['BPE', 'Unigram', 'WordLevel', 'WordPiece'],
};

const MEMBERS = ['normalizers', 'pretokenizers', 'processors', 'decoders'];

/** Refuses what the library does not know, by name, and a table that it would end the process over. */
export function checkTokenizerJson(tokenizer: JsonObject, file: string): void {
  for (const [section, known] of Object.entries(TYPES)) checkSection(tokenizer[section], section, known, file);
}

function checkSection(value: unknown, section: string, known: readonly string[], file: string): void {
  if (typeof value !== 'object' || value === null) return;
  const part = value as JsonObject;
  const type = part['type'];
  if (typeof type === 'string' && !known.includes(type)) {
    throw dataLoss(file, `cannot be used: ${section} type ${JSON.stringify(type.slice(0, 60))} is not known`);
  }
  if (type === 'Precompiled') checkCharsmap(part['precompiled_charsmap'], file);
  for (const members of MEMBERS) {
    if (Array.isArray(part[members])) part[members].forEach((member) => checkSection(member, section, known, file));
  }
}

/** SentencePiece's table: the size of a trie in bytes (little-endian uint32), the trie, and texts in UTF-8. */
function checkCharsmap(charsmap: unknown, file: string): void {
  // An empty one is none.
  if (charsmap === null || charsmap === '') return;
  const bytes = Buffer.from(typeof charsmap === 'string' ? charsmap : '', 'base64');
  const trieBytes = bytes.length >= 4 ? bytes.readUInt32LE(0) : -1;
  if (trieBytes >= 0 && trieBytes % 4 === 0 && 4 + trieBytes <= bytes.length) return;
  throw dataLoss(file, 'cannot be used: precompiled_charsmap is no table of SentencePiece');
}

/** The model's type; files from before version 0.9 do not name it. */
export function modelType(tokenizer: JsonObject): string {
  const model = (tokenizer['model'] ?? {}) as JsonObject;
  if (typeof model['type'] === 'string') return model['type'];
  if ('merges' in model) return 'BPE';
  if (Array.isArray(model['vocab'])) return 'Unigram';
  return 'continuing_subword_prefix' in model ? 'WordPiece' : 'WordLevel';
}

/** The file's text without dropout, which would make encoding random: it is for training only. */
export function withoutDropout(text: string, tokenizer: JsonObject): string {
  const model = (tokenizer['model'] ?? {}) as JsonObject;
  if (!model['dropout']) return text;
  return JSON.stringify({ ...tokenizer, model: { ...model, dropout: null } });
}
