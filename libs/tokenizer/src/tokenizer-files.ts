import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataLoss, notFound, unimplemented } from '@hone/errors';
import { addedToken } from './added-tokens.ts';
import { TEMPLATE_DATE } from './chat-template.ts';
import type { JsonObject } from './tokenizer-json.ts';

/** Names of special tokens; a config may name others, which end alike. */
const SPECIAL_TOKENS = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

const FILE_NAMES = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'chat_template.jinja'];

/** What the tokenizer files say. */
export interface TokenizerSettings {
  /** tokenizer.json, as text and parsed. */
  readonly text: string;
  readonly tokenizer: JsonObject;
  readonly config: JsonObject;
  /** Special tokens by name (`bos_token`, ...), each as its text or an object; what the tokenizer has not got is not there. */
  readonly namedTokens: Readonly<Record<string, unknown>>;
  /** Their texts. */
  readonly specialTokens: Readonly<Record<string, string>>;
  readonly chatTemplate: string | null;
  /** What chat templates are told to be today, YYYY-MM-DD. */
  readonly templateDate: string;
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
  const config = parseJson(files, 'tokenizer_config.json', name)?.value ?? {};
  if (config['split_special_tokens'] === true) {
    throw unimplemented(
      `${join(name, 'tokenizer_config.json')}: split_special_tokens true: Hone reads special tokens as such`,
    );
  }
  // A config that lists its added tokens is newer than the map, and takes its place.
  const map = 'added_tokens_decoder' in config ? {} : (parseJson(files, 'special_tokens_map.json', name)?.value ?? {});
  const namedTokens = readNamedTokens({ ...map, ...withoutNulls(config) });
  return {
    text: tokenizer.text,
    tokenizer: tokenizer.value,
    config,
    namedTokens,
    specialTokens: Object.fromEntries(
      Object.entries(namedTokens).map(([key, token]) => [key, addedToken(token)!.content]),
    ),
    chatTemplate: readChatTemplate(files, config, name),
    templateDate: readTemplateDate(config, name),
  };
}

function parseJson(
  files: Readonly<Record<string, Uint8Array>>,
  file: string,
  name: string,
): { text: string; value: JsonObject } | null {
  const bytes = files[file];
  if (!bytes) return null;
  try {
    const text = new TextDecoder().decode(bytes);
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { text, value: value as JsonObject };
    }
  } catch (error) {
    throw dataLoss(join(name, file), `is not JSON (${(error as Error).message})`, error);
  }
  throw dataLoss(join(name, file), 'must hold a JSON object');
}

function withoutNulls(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** The tokenizer's named tokens; those that only this model has (`image_token`) are written as text. */
function readNamedTokens(fields: JsonObject): Record<string, unknown> {
  const others = Object.keys(fields).filter((key) => key.endsWith('_token') && typeof fields[key] === 'string');
  const names = [...new Set([...SPECIAL_TOKENS, ...others])];
  return Object.fromEntries(
    names.filter((name) => addedToken(fields[name]) !== null).map((name) => [name, fields[name]]),
  );
}

/** A setting of Hone's own: the checkpoint states its date, so that whoever uses it writes the same prompts. */
function readTemplateDate(config: JsonObject, name: string): string {
  const date = config['template_date'] ?? TEMPLATE_DATE;
  const isDate = typeof date === 'string' && /^\d{4}-\d\d-\d\d$/.test(date) && !Number.isNaN(Date.parse(date));
  if (isDate) return date;
  throw dataLoss(join(name, 'tokenizer_config.json'), 'template_date must be a date, YYYY-MM-DD');
}

/** The file wins over the field, as in Transformers; of several named templates, the one called "default". */
function readChatTemplate(
  files: Readonly<Record<string, Uint8Array>>,
  config: JsonObject,
  name: string,
): string | null {
  const file = files['chat_template.jinja'];
  if (file) return new TextDecoder().decode(file);
  const field = config['chat_template'] ?? null;
  if (field === null || typeof field === 'string') return field;
  const templates = namedTemplates(field);
  const template = templates['default'];
  if (typeof template === 'string') return template;
  const found = Object.keys(templates).join(', ') || 'none';
  const rule = `chat_template must be text, or templates by name with one called "default"; found: ${found}`;
  throw dataLoss(join(name, 'tokenizer_config.json'), rule);
}

/** Templates by name: an object, or a list of {name, template}. */
function namedTemplates(field: unknown): JsonObject {
  if (!Array.isArray(field)) return typeof field === 'object' ? (field as JsonObject) : {};
  const named = field as ({ name?: unknown; template?: unknown } | null)[];
  return Object.fromEntries(named.map((entry) => [String(entry?.name), entry?.template]));
}
