import { readModelConfig } from '@hone/checkpoint';
import { validateRequests, validateSamplingParams } from '@hone/decoding/requests';
import { invalidArgument, toHoneError } from '@hone/errors';
import { Tokenizer } from '@hone/tokenizer';
import type { PrepareRequest, PrepareResult, PromptInput } from './worker-api.ts';

/** Tokenizes the prompts of a call and checks everything that can be wrong in it, so that an error comes before any sample. */
export async function prepare(request: PrepareRequest): Promise<PrepareResult> {
  const { folder, prompts, n, sampling } = request;
  validateSamplingParams(sampling);
  const config = await readModelConfig(folder);
  const tokenizer = await tokenizerOf(folder);
  const promptTokenIds = await Promise.all(
    prompts.map((prompt, index) => encode(tokenizer, prompt, `prompts[${index}]`)),
  );
  const requests = prompts.map(({ id }, index) => ({ promptId: id, promptTokenIds: promptTokenIds[index]!, n }));
  validateRequests(requests, config);
  return { promptTokenIds };
}

/** The tokenizer used last: calls come in rows of the same checkpoint, and a large vocabulary takes a while to read. */
let last: { folder: string; tokenizer: Promise<Tokenizer> } | undefined;

function tokenizerOf(folder: string): Promise<Tokenizer> {
  if (last?.folder !== folder) last = { folder, tokenizer: Tokenizer.fromFolder(folder) };
  return last.tokenizer;
}

async function encode(tokenizer: Tokenizer, { content }: PromptInput, field: string): Promise<Int32Array> {
  if (content.kind === 'tokens') return content.tokenIds;
  if (content.kind === 'text') return Int32Array.from(await tokenizer.encodePrompt(content.text));
  try {
    return Int32Array.from(await tokenizer.encodeChat(content.messages, { addGenerationPrompt: true }));
  } catch (thrown) {
    // A template refuses roles and orders that it does not know: that is the prompt's fault.
    throw invalidArgument(`${field}.chat`, toHoneError(thrown).message, thrown);
  }
}
