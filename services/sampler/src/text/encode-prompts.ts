import { invalidArgument, toHoneError } from '@hone/errors';
import { needsTokenizer } from '@hone/sampling-engine/text';
import type { Tokenizer } from '@hone/tokenizer';
import { TEXT_LIMIT_MS, withinLimit } from '@hone/workers';
import { tokenizerOf } from './open-tokenizer.ts';
import type { EncodedPrompt, EncodeRequest, PromptInput } from './protocol.ts';

/** Tokenizes prompts, with the tokenizer and the chat template of a model folder. */
export async function encodePrompts({ folder, prompts, firstIndex }: EncodeRequest): Promise<EncodedPrompt[]> {
  const tokenizer = await tokenizerOf(folder);
  const encoded: EncodedPrompt[] = [];
  for (const [index, prompt] of prompts.entries()) {
    const field = `prompts[${firstIndex + index}]`;
    encoded.push(await withinLimit(TEXT_LIMIT_MS, () => encode(tokenizer, prompt, field)));
  }
  return encoded;
}

async function encode(tokenizer: Tokenizer | null, { content }: PromptInput, field: string): Promise<EncodedPrompt> {
  if (content.kind === 'tokens') return { tokenIds: content.tokenIds, templateDate: '' };
  if (!tokenizer) throw needsTokenizer(`${field}.${content.kind}`);
  if (content.kind === 'text') {
    return { tokenIds: Int32Array.from(await tokenizer.encodePrompt(content.text)), templateDate: '' };
  }
  try {
    const { text, date } = tokenizer.renderChat(content.messages, { addGenerationPrompt: true });
    const tokenIds = await tokenizer.encode(text, { addSpecialTokens: false });
    return { tokenIds: Int32Array.from(tokenIds), templateDate: date ?? '' };
  } catch (thrown) {
    // A template refuses roles and orders that it does not know: that is the prompt's fault.
    throw invalidArgument(`${field}.chat`, toHoneError(thrown).message, thrown);
  }
}
