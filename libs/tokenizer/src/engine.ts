/** Hugging Face's own `tokenizers`, which Transformers stands on, through its binding for Node. */
import { AddedToken as NativeToken, Tokenizer as NativeTokenizer, type Decoder } from 'tokenizers';
import { dataLoss } from '@hone/errors';
import { listedTokens, ownAddedTokens, tokensToAdd, type AddedToken } from './added-tokens.ts';
import { checkTokenizerJson, modelType, withoutDropout, type JsonObject } from './tokenizer-json.ts';
import type { TokenizerSettings } from './tokenizer-files.ts';

/** Tokenizing alone: texts to ids and back. */
export class Engine {
  readonly #native: NativeTokenizer;
  readonly #decoder: Decoder | null;
  readonly #special: ReadonlySet<string>;
  /** Whether blanks before punctuation go, as Transformers' `clean_up_tokenization_spaces` has it. */
  readonly #cleansUp: boolean;

  /** `name` is what errors call the tokenizer's folder. */
  constructor(settings: TokenizerSettings, name: string) {
    const file = `${name}/tokenizer.json`;
    checkTokenizerJson(settings.tokenizer, file);
    const own = ownAddedTokens(settings.tokenizer);
    const added = tokensToAdd(own, settings.config, { ...paddingToken(settings.tokenizer), ...settings.namedTokens });
    this.#native = load(settings, file);
    requireTokens(this.#native, settings, name);
    addTokens(this.#native, added);
    // Lengths are the caller's to choose.
    this.#native.disableTruncation();
    this.#native.disablePadding();
    this.#decoder = this.#native.getDecoder();
    this.#special = new Set([...own, ...added].filter(({ special }) => special).map(({ content }) => content));
    this.#cleansUp = cleansUp(settings);
  }

  get vocabSize(): number {
    return this.#native.getVocabSize(true);
  }

  /** A lone surrogate, which is no character, is read as U+FFFD. */
  async encode(text: string, addSpecialTokens: boolean): Promise<number[]> {
    const encoding = await this.#native.encode(text, null, { addSpecialTokens });
    return encoding.getIds();
  }

  /** Ids past the vocabulary have no text. */
  decode(ids: Iterable<number>, skipSpecialTokens: boolean): string {
    const texts: string[] = [];
    for (const id of ids) {
      const text = this.#native.idToToken(id);
      if (text !== null && !(skipSpecialTokens && this.#special.has(text))) texts.push(text);
    }
    if (texts.length === 0) return '';
    const text = this.#decoder ? this.#decoder.decode(texts) : texts.join(' ');
    return this.#cleansUp ? cleanUp(text) : text;
  }

  tokenId(token: string): number | null {
    return this.#native.tokenToId(token);
  }

  /** Whether a text holds a special token. */
  hasSpecial(text: string): boolean {
    return [...this.#special].some((token) => token !== '' && text.includes(token));
  }
}

function load({ text, tokenizer }: TokenizerSettings, file: string): NativeTokenizer {
  try {
    return NativeTokenizer.fromString(withoutDropout(text, tokenizer));
  } catch (error) {
    throw dataLoss(file, `cannot be used: ${(error as Error).message}`, error);
  }
}

/** Padding that tokenizer.json asks for has a special token too. */
function paddingToken(tokenizer: JsonObject): { pad_token?: unknown } {
  const token = (tokenizer['padding'] as JsonObject | null | undefined)?.['pad_token'];
  return token === undefined ? {} : { pad_token: token };
}

/** Tokens that Hone itself refers to. One that is nowhere would get an id that the model has no row for. */
const REQUIRED = ['bos_token', 'eos_token', 'pad_token'];

function requireTokens(native: NativeTokenizer, { specialTokens, config }: TokenizerSettings, name: string): void {
  const listed = new Set(listedTokens(config).map(({ content }) => content));
  for (const key of REQUIRED) {
    const token = specialTokens[key];
    if (token === undefined || listed.has(token) || native.tokenToId(token) !== null) continue;
    throw dataLoss(name, `${key} is ${JSON.stringify(token)}, which is not in tokenizer.json`);
  }
}

function addTokens(native: NativeTokenizer, added: readonly AddedToken[]): void {
  if (added.length === 0) return;
  native.addAddedTokens(
    added.map(({ content, special, singleWord, lstrip, rstrip, normalized }) => {
      const options = { singleWord, leftStrip: lstrip, rightStrip: rstrip, normalized };
      return new NativeToken(content, special, options);
    }),
  );
}

/** Transformers >= 5.7 leaves texts of BPE as they are, unless the config says twice that it wants the blanks gone. */
function cleansUp({ config, tokenizer }: TokenizerSettings): boolean {
  if (config['clean_up_tokenization_spaces'] !== true) return false;
  const insists = config['clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output'] === true;
  return modelType(tokenizer) !== 'BPE' || insists;
}

const JOINED: readonly (readonly [string, string])[] = [
  ...['.', '?', '!', ','].map((mark) => [` ${mark}`, mark] as const),
  [" ' ", "'"],
  ...["n't", "'m", "'s", "'ve", "'re"].map((ending) => [` ${ending}`, ending] as const),
];

function cleanUp(text: string): string {
  return JOINED.reduce((result, [apart, joined]) => result.replaceAll(apart, joined), text);
}
