import { invalidArgument, notFound } from '@hone/errors';
import { ChatTemplate, type ChatMessage, type Rendered, type RenderOptions } from './chat-template.ts';
import { Engine } from './engine.ts';
import { parseSettings, readTokenizerFiles, type TokenizerSettings } from './tokenizer-files.ts';

export interface EncodeOptions {
  /** Add what tokenizer.json's post-processor adds, such as a beginning-of-sequence token. */
  readonly addSpecialTokens: boolean;
}

export interface DecodeOptions {
  readonly skipSpecialTokens: boolean;
}

export type ChatOptions = RenderOptions;

/**
 * A Hugging Face tokenizer (tokenizer.json) and its chat template.
 *
 * The rule for exactly one BOS: the post-processor adds it to plain text where the model has one, {@link encodePrompt}; a chat
 * template writes it itself, so its output is encoded without, {@link encodeChat}.
 */
export class Tokenizer {
  /** Number of tokens, added ones included. A model's vocabulary may be larger: its rows are padded. */
  readonly vocabSize: number;
  readonly bosTokenId: number | null;
  readonly eosTokenId: number | null;
  readonly padTokenId: number | null;
  /** The chat template's source, or null where the tokenizer has none. */
  readonly chatTemplate: string | null;
  readonly #engine: Engine;
  readonly #settings: TokenizerSettings;
  readonly #name: string;
  #compiled: ChatTemplate | undefined;

  private constructor(name: string, settings: TokenizerSettings) {
    this.#name = name;
    this.#settings = settings;
    this.#engine = new Engine(settings, name);
    this.vocabSize = this.#engine.vocabSize;
    this.bosTokenId = this.#idOf('bos_token');
    this.eosTokenId = this.#idOf('eos_token');
    this.padTokenId = this.#idOf('pad_token');
    this.chatTemplate = settings.chatTemplate;
  }

  /** Reads tokenizer.json, tokenizer_config.json, special_tokens_map.json and chat_template.jinja of a model folder. */
  static async fromFolder(folder: string): Promise<Tokenizer> {
    return Tokenizer.fromFiles(await readTokenizerFiles(folder), folder);
  }

  /** Makes a tokenizer from the contents of its files, by their names; `name` is what error messages call it. */
  static fromFiles(files: Readonly<Record<string, Uint8Array>>, name = 'tokenizer'): Tokenizer {
    return new Tokenizer(name, parseSettings(files, name));
  }

  /** Token ids of a text. A lone surrogate, which is no character, is read as U+FFFD. */
  async encode(text: string, options: EncodeOptions): Promise<number[]> {
    return this.#engine.encode(text, options.addSpecialTokens);
  }

  /**
   * The token ids of a text that is to be continued: as the post-processor begins it, but with one BOS where the text spells out its
   * own, and without the EOS that some post-processors end every text with.
   */
  async encodePrompt(text: string): Promise<number[]> {
    const ids = await this.encode(text, { addSpecialTokens: true });
    const { bosTokenId: bos, eosTokenId: eos } = this;
    const twice = bos !== null && ids[0] === bos && ids[1] === bos;
    const own = ids.at(-1) === eos ? await this.encode(text, { addSpecialTokens: false }) : ids;
    return ids.slice(Number(twice), ids.length - Math.max(0, countLast(ids, eos) - countLast(own, eos)));
  }

  /** Text of token ids. Ids past the vocabulary, which a padded output layer can sample, have no text. */
  decode(ids: readonly number[] | Int32Array, options: DecodeOptions): string {
    for (const id of ids) {
      if (!Number.isInteger(id) || id < 0) throw invalidArgument('token_ids', `${id} is not a token id`);
    }
    return this.#engine.decode(ids, options.skipSpecialTokens);
  }

  /** Writes messages as the text that the model was trained to continue. */
  applyChatTemplate(messages: readonly ChatMessage[], options: ChatOptions): string {
    return this.renderChat(messages, options).text;
  }

  /** Messages as text, and the date that stands in it. */
  renderChat(messages: readonly ChatMessage[], options: ChatOptions): Rendered {
    if (this.chatTemplate === null) {
      throw notFound(
        `chat template of ${this.#name}`,
        'add chat_template.jinja to the model folder, or send the prompt as plain text',
      );
    }
    this.#compiled ??= new ChatTemplate(this.chatTemplate, this.#settings.specialTokens, this.#name);
    return this.#compiled.render(messages, options, this.#settings.templateDate);
  }

  /** The token ids of messages: the template's text, encoded without adding special tokens a second time. */
  async encodeChat(messages: readonly ChatMessage[], options: ChatOptions): Promise<number[]> {
    return this.encode(this.applyChatTemplate(messages, options), { addSpecialTokens: false });
  }

  /** The id of a token by its exact text, or null. */
  tokenId(token: string): number | null {
    return this.#engine.tokenId(token);
  }

  /** Whether a text holds one of the tokens that `skipSpecialTokens` leaves out. */
  hasSpecialToken(text: string): boolean {
    return this.#engine.hasSpecial(text);
  }

  #idOf(name: string): number | null {
    const token = this.#settings.specialTokens[name];
    return token === undefined ? null : this.tokenId(token);
  }
}

/** How often a token stands at the end. */
function countLast(ids: readonly number[], token: number | null): number {
  return ids.length - 1 - ids.findLastIndex((id) => id !== token);
}
