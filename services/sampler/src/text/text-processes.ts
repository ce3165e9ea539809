/** Turns prompts into tokens and tokens into texts, in processes that are ended where a checkpoint's tokenizer or template has no end. */
import { resourceExhausted } from '@hone/errors';
import type { ServiceOptions } from '@hone/rpc';
import { Stopped, WorkerSlots } from '@hone/workers';
import type {
  EncodedPrompt,
  EncodeRequest,
  EndTokenRequest,
  FinishedText,
  FinishRequest,
  PromptInput,
} from './protocol.ts';

/** Two, so that a checkpoint whose texts take long does not hold up the calls of others. */
const PROCESSES = 2;
/** Room for large vocabularies, and an end for templates that write without one. */
const HEAP_FLAG = '--max-old-space-size=1024';
/** Prompts that are tokenized in one go: enough that messages cost little, few enough that calls take turns. */
const PROMPTS_PER_PIECE = 64;
/** For a piece, reading the tokenizer included; a single text that takes long ends its process much sooner. */
const PIECE_TIMEOUT_MS = 120_000;

export class TextProcesses {
  private readonly slots: WorkerSlots;

  constructor(entry: URL, logger: ServiceOptions['logger']) {
    this.slots = new WorkerSlots(entry, PROCESSES, { logger, execArgv: [HEAP_FLAG] });
  }

  /** The tokens of each prompt. Prompts that come as token ids stay as they are, and need no tokenizer. */
  async encode(folder: string, prompts: readonly PromptInput[], signal: AbortSignal): Promise<EncodedPrompt[]> {
    const given = prompts.flatMap(({ content }) =>
      content.kind === 'tokens' ? [{ tokenIds: content.tokenIds, templateDate: '' }] : [],
    );
    if (given.length === prompts.length) return given;
    const encoded: EncodedPrompt[] = [];
    for (let firstIndex = 0; firstIndex < prompts.length; firstIndex += PROMPTS_PER_PIECE) {
      const piece = prompts.slice(firstIndex, firstIndex + PROMPTS_PER_PIECE);
      const what = `prompts[${firstIndex}] to prompts[${firstIndex + piece.length - 1}]`;
      const request: EncodeRequest = { folder, prompts: piece, firstIndex };
      encoded.push(...(await this.run<EncodeRequest, EncodedPrompt[]>('encode', request, what, signal)));
    }
    return encoded;
  }

  /** The token that ends texts of a checkpoint's tokenizer, or null. */
  endToken(folder: string): Promise<number | null> {
    return this.run<EndTokenRequest, number | null>('endToken', { folder }, 'the end of texts');
  }

  /** The text of a completion, and where it ends by one of the stop texts. */
  finish(request: FinishRequest, signal: AbortSignal): Promise<FinishedText> {
    return this.run<FinishRequest, FinishedText>('finish', request, 'a completion', signal);
  }

  close(): Promise<void> {
    return this.slots.close();
  }

  private async run<Request extends { readonly folder: string }, Result>(
    method: string,
    request: Request,
    what: string,
    signal?: AbortSignal,
  ): Promise<Result> {
    const piece = { method, request, timeoutMs: PIECE_TIMEOUT_MS, owner: request.folder, signal };
    try {
      return await this.slots.run<Request, Result>(piece);
    } catch (thrown) {
      if (!(thrown instanceof Stopped)) throw thrown;
      const rule = `${what}: the checkpoint's tokenizer or chat template ${thrown.message}`;
      throw resourceExhausted('TEXT_TOO_COSTLY', `${rule}; it takes too much time or memory for one of them`, thrown);
    }
  }
}
