/** Tokens that tokenizer_config.json adds to those of tokenizer.json, or changes, by the rules of Transformers 5. */
import type { JsonObject } from './tokenizer-json.ts';

export interface AddedToken {
  readonly content: string;
  readonly special: boolean;
  readonly singleWord: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
}

/** A token as its text, which is special, or as an object; null where it is neither. */
export function addedToken(value: unknown, special = true): AddedToken | null {
  if (typeof value === 'string') {
    return { content: value, special, singleWord: false, lstrip: false, rstrip: false, normalized: !special };
  }
  const fields = (typeof value === 'object' ? (value ?? {}) : {}) as JsonObject;
  const content = fields['content'];
  if (typeof content !== 'string') return null;
  const flag = (name: string, absent: boolean): boolean => (typeof fields[name] === 'boolean' ? fields[name] : absent);
  const isSpecial = flag('special', special);
  return {
    content,
    special: isSpecial,
    singleWord: flag('single_word', false),
    lstrip: flag('lstrip', false),
    rstrip: flag('rstrip', false),
    normalized: flag('normalized', !isSpecial),
  };
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const tokens = (values: readonly unknown[], special?: boolean): AddedToken[] =>
  values.map((value) => addedToken(value, special)).filter((token) => token !== null);

/** Added tokens of tokenizer.json itself. */
export const ownAddedTokens = (tokenizer: JsonObject): AddedToken[] => tokens(listOf(tokenizer['added_tokens']), false);

/** Added tokens that tokenizer_config.json lists, by ascending id. */
export function listedTokens(config: JsonObject): AddedToken[] {
  const listed = config['added_tokens_decoder'];
  // Keys are ids, and JavaScript gives such keys in ascending order.
  return isObject(listed) ? tokens(Object.values(listed), false) : [];
}

/**
 * What is to be added to `own` in this order: tokens of `added_tokens_decoder` that differ in any flag, named special tokens, and
 * further special tokens. A token that is in the vocabulary keeps its id there.
 */
export function tokensToAdd(
  own: readonly AddedToken[],
  config: JsonObject,
  named: Readonly<Record<string, unknown>>,
): AddedToken[] {
  const same = new Set(own.map((token) => JSON.stringify(token)));
  const known = new Set(own.map(({ content }) => content));
  const listed = listedTokens(config);
  const flags = new Map(listed.map((token) => [token.content, token]));
  const names = new Set(tokens(Object.values(named)).map(({ content }) => content));
  const changed = listed.filter((token) => !same.has(JSON.stringify(token)));
  for (const { content } of changed) known.add(content);
  const extra = config['extra_special_tokens'] ?? config['additional_special_tokens'];
  const special = tokens([...Object.values(named), ...(isObject(extra) ? Object.values(extra) : listOf(extra))]);
  const missing = special.filter(({ content }) => !known.has(content) && known.add(content));
  return [...changed, ...missing].map((token) => {
    const { content } = token;
    const written = flags.get(content) ?? token;
    return names.has(content) ? { ...written, special: true } : written;
  });
}
