/** Hugging Face's own `tokenizers`, which Transformers stands on, through its binding for Node. */
import { AddedToken as NativeToken, Tokenizer as NativeTokenizer, templateProcessing, type Decoder } from 'tokenizers';
import { dataLoss } from '@hone/errors';
import { listedTokens, ownAddedTokens, tokensToAdd, type AddedToken } from './added-tokens.ts';
import { checkTokenizerJson, modelType, withoutDropout } from './tokenizer-json.ts';
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
    const added = tokensToAdd(own, settings.config, settings.namedTokens);
    this.#native = load(settings, file);
    requireTokens(this.#native, settings, name);
    addTokens(this.#native, added);
    setTemplate(this.#native, settings);
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

  isSpecial(token: string): boolean {
    return this.#special.has(token);
  }
}

function load({ text, tokenizer }: TokenizerSettings, file: string): NativeTokenizer {
  try {
    return NativeTokenizer.fromString(withoutDropout(text, tokenizer));
  } catch (error) {
    throw dataLoss(file, `cannot be used: ${(error as Error).message}`, error);
  }
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

/** `add_bos_token` and `add_eos_token` of tokenizer_config.json take the place of the post-processor. */
function setTemplate(native: NativeTokenizer, { config, specialTokens }: TokenizerSettings): void {
  if (!('add_bos_token' in config) && !('add_eos_token' in config)) return;
  const token = (flag: string, name: string): string[] => {
    const text = specialTokens[name];
    return config[flag] && text !== undefined ? [text] : [];
  };
  const [before, after] = [token('add_bos_token', 'bos_token'), token('add_eos_token', 'eos_token')];
  const ids = [...before, ...after].map((text): [string, number] => [text, native.tokenToId(text) ?? 0]);
  const single = [...before.map((text) => `${text}:0`), '$A:0', ...after.map((text) => `${text}:0`)];
  native.setPostProcessor(templateProcessing(single.join(' '), undefined, ids));
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
