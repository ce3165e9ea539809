/** Turns the prompts of a call into tokens, in processes that are ended where a checkpoint's tokenizer or template has no end. */
import { resourceExhausted } from '@hone/errors';
import type { ServiceOptions } from '@hone/rpc';
import { Stopped, WorkerSlots } from '@hone/workers';
import type { EncodedPrompt, EncodeRequest, PromptInput } from './worker-api.ts';

/** Two, so that a checkpoint whose texts take long does not hold up the calls of others. */
const PROCESSES = 2;
/** Room for large vocabularies, and an end for templates that write without one. */
const HEAP_FLAG = '--max-old-space-size=1024';
/** Prompts that are tokenized in one go: enough that messages cost little, few enough that calls take turns. */
const PROMPTS_PER_PIECE = 64;
/** For a piece, reading the tokenizer included; a single text that takes long ends its process much sooner. */
const PIECE_TIMEOUT_MS = 120_000;

export class PromptEncoder {
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
      encoded.push(...(await this.encodePiece({ folder, prompts: piece, firstIndex }, signal)));
    }
    return encoded;
  }

  close(): Promise<void> {
    return this.slots.close();
  }

  private async encodePiece(request: EncodeRequest, signal: AbortSignal): Promise<EncodedPrompt[]> {
    const piece = { method: 'encode', request, timeoutMs: PIECE_TIMEOUT_MS, owner: request.folder, signal };
    try {
      return await this.slots.run<EncodeRequest, EncodedPrompt[]>(piece);
    } catch (thrown) {
      if (!(thrown instanceof Stopped)) throw thrown;
      const last = request.firstIndex + request.prompts.length - 1;
      const rule = `prompts[${request.firstIndex}] to prompts[${last}]: the checkpoint's tokenizer or chat template`;
      throw resourceExhausted(
        'TEXT_TOO_COSTLY',
        `${rule} ${thrown.message}; it takes too much time or memory for one of them`,
        thrown,
      );
    }
  }
}
