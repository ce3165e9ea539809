/** The text that asks: of a text all of it, of a chat what is said last. */
import { messageOf, Prompt } from '@hone/contracts';
import { invalidArgument } from '@hone/errors';

/** That text of a training problem's prompt; ready token ids have none, which is an error that says what it is needed for. */
export function lastTurn({ id, content }: Prompt, purpose: string): string {
  if (content?.$case === 'text') return content.value;
  const last = content?.$case === 'chat' ? content.value.messages.at(-1) : undefined;
  if (last) return last.content;
  const rule = `must have prompts of text or chats, for ${purpose}, but "${id}" has neither`;
  throw invalidArgument('spec.train_problem_set', rule);
}

/** A prompt of a text, or of a chat that a user begins with it. */
export function promptOfText(id: string, text: string, format: 'chat' | 'text'): Prompt {
  const chat = { $case: 'chat' as const, value: { messages: [{ role: 'user', content: text }] } };
  return messageOf(Prompt, { id, content: format === 'chat' ? chat : { $case: 'text', value: text } });
}

/** The prompt with another text in its place; it comes of no template any more. */
export function withLastTurn(prompt: Prompt, text: string): Prompt {
  const { content } = prompt;
  const messages = content?.$case === 'chat' ? content.value.messages : [];
  const turns = [...messages.slice(0, -1), ...messages.slice(-1).map((last) => ({ ...last, content: text }))];
  const changed =
    content?.$case === 'chat'
      ? { $case: 'chat' as const, value: { messages: turns } }
      : { $case: 'text' as const, value: text };
  return messageOf(Prompt, { ...prompt, content: changed, templateDigest: '' });
}
