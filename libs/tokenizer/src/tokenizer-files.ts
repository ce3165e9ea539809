import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataLoss, notFound } from '@hone/errors';

/** Names of the tokens that chat templates and the decoder refer to. */
const SPECIAL_TOKENS = ['bos_token', 'eos_token', 'pad_token', 'unk_token'] as const;

const FILE_NAMES = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'chat_template.jinja'];

type JsonObject = Readonly<Record<string, unknown>>;

/** What the tokenizer files say. */
export interface TokenizerSettings {
  readonly tokenizer: JsonObject;
  readonly config: JsonObject;
  /** Token texts by name (`bos_token`, ...); what the tokenizer has not got is not there. */
  readonly specialTokens: Readonly<Record<string, string>>;
  readonly chatTemplate: string | null;
}

/** Reads the tokenizer files that a folder has. */
export async function readTokenizerFiles(folder: string): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (const name of FILE_NAMES) {
    const bytes = await readFile(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
      return null;
    });
    if (bytes) files[name] = bytes;
  }
  return files;
}

/** Parses the files' contents; only tokenizer.json must be there. */
export function parseSettings(files: Readonly<Record<string, Uint8Array>>, name: string): TokenizerSettings {
  const tokenizer = parseJson(files, 'tokenizer.json', name);
  if (!tokenizer) throw notFound(join(name, 'tokenizer.json'), 'Hone reads tokenizers in this format only');
  const config = parseJson(files, 'tokenizer_config.json', name) ?? {};
  const map = parseJson(files, 'special_tokens_map.json', name) ?? {};
  return {
    tokenizer,
    config,
    specialTokens: readSpecialTokens({ ...map, ...withoutNulls(config) }),
    chatTemplate: readChatTemplate(files, config),
  };
}

function parseJson(files: Readonly<Record<string, Uint8Array>>, file: string, name: string): JsonObject | null {
  const bytes = files[file];
  if (!bytes) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (error) {
    throw dataLoss(join(name, file), `is not JSON (${(error as Error).message})`, error);
  }
  throw dataLoss(join(name, file), 'must hold a JSON object');
}

function withoutNulls(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** A special token is written as its text, or as an object with its text in `content`. */
function readSpecialTokens(fields: JsonObject): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const name of SPECIAL_TOKENS) {
    const field = fields[name];
    const text = typeof field === 'object' && field !== null ? (field as { content?: unknown }).content : field;
    if (typeof text === 'string') tokens[name] = text;
  }
  return tokens;
}

/** The file wins over the field, as in Transformers; of several named templates, the one called "default". */
function readChatTemplate(files: Readonly<Record<string, Uint8Array>>, config: JsonObject): string | null {
  const file = files['chat_template.jinja'];
  if (file) return new TextDecoder().decode(file);
  const field = config['chat_template'];
  if (typeof field === 'string') return field;
  if (!Array.isArray(field)) return null;
  const named = field as { name?: unknown; template?: unknown }[];
  const template = named.find(({ name }) => name === 'default')?.template;
  return typeof template === 'string' ? template : null;
}
