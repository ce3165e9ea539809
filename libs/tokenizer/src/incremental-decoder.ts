import type { DecodeOptions, Tokenizer } from './tokenizer.ts';

/** What the decoder writes for bytes that are not (yet) a character. */
const REPLACEMENT = '\uFFFD';

/**
 * Turns tokens into text as they come. A character may be spread over several tokens, and a token's text may depend on the
 * one before it (a leading space), so text is given out only when it is whole, and each token is decoded with the tokens
 * of the piece before it.
 */
export class IncrementalDecoder {
  readonly #tokenizer: Tokenizer;
  readonly #options: DecodeOptions;
  /** Ids of the last piece given out, which are context, and of those not given out yet. */
  #context: number[] = [];
  #pending: number[] = [];

  constructor(tokenizer: Tokenizer, options: DecodeOptions) {
    this.#tokenizer = tokenizer;
    this.#options = options;
  }

  /** Takes one token and returns the text that is certain now; often empty. */
  push(id: number): string {
    this.#pending.push(id);
    const piece = this.#newText();
    if (piece === '' || piece.endsWith(REPLACEMENT)) return '';
    this.#context = this.#pending;
    this.#pending = [];
    return piece;
  }

  /** The text still held back, incomplete characters as U+FFFD; the decoder is empty afterwards. */
  flush(): string {
    const piece = this.#newText();
    this.#context = [];
    this.#pending = [];
    return piece;
  }

  #newText(): string {
    const context = this.#tokenizer.decode(this.#context, this.#options);
    return this.#tokenizer.decode([...this.#context, ...this.#pending], this.#options).slice(context.length);
  }
}
