/** What the sampler asks of its processes for texts. Everything here crosses by structured clone. */

export interface PromptInput {
  readonly id: string;
  readonly content:
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'chat'; readonly messages: readonly { readonly role: string; readonly content: string }[] }
    | { readonly kind: 'tokens'; readonly tokenIds: Int32Array };
}

/** A prompt as tokens. */
export interface EncodedPrompt {
  readonly tokenIds: Int32Array;
  /** Completion.template_date. */
  readonly templateDate: string;
}

/** Method "encode": prompts of a call that are to become tokens. */
export interface EncodeRequest {
  /** A model folder of the store. */
  readonly folder: string;
  readonly prompts: readonly PromptInput[];
  /** Position in the call of the first of them, for error messages. */
  readonly firstIndex: number;
}

/** Method "endToken": the token that ends texts of a model folder's tokenizer, or null. */
export interface EndTokenRequest {
  readonly folder: string;
}

/** Method "finish": tokens that are to become a completion's text. */
export interface FinishRequest {
  readonly folder: string;
  readonly tokenIds: Int32Array;
  /** Texts that end a completion. */
  readonly stops: readonly string[];
}

/** A completion's text. */
export interface FinishedText {
  /** Without special tokens, up to the first stop text; empty where the checkpoint has no tokenizer. */
  readonly text: string;
  /** Tokens up to the one that completes the first stop text; undefined where there is none. */
  readonly stopLength: number | undefined;
}
