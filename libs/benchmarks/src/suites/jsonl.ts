/**
 * A user's own problems. The prompt is put to the model as it is, as text or as one turn of a chat:
 *
 *     {"prompt": "…" or "question": "…", "answer": "…", "id"?, "choices"?: …, "subject"?, "level"?, "solution"?}
 *
 * Choices are texts, which are lettered from A, objects {"label", "text"}, or two lists as {"label": […], "text": […]}.
 */
import { invalidArgument } from '@hone/errors';
import { templateDigest, type Prompt } from '../problems/problem.ts';
import type { PromptStyle } from '../problems/prompts.ts';
import type { RowReader } from '../rows/row-reader.ts';
import { optionalText, textField } from '../rows/row.ts';
import { readChoices } from './choices.ts';

function promptOf(text: string, style: PromptStyle): Prompt {
  if (style === 'zero-shot') return { kind: 'text', text };
  if (style === 'zero-shot-chat') return { kind: 'chat', messages: [{ role: 'user', content: text }] };
  throw invalidArgument(
    'style',
    `must be zero-shot or zero-shot-chat for jsonl, which has no examples, but is ${style}`,
  );
}

export const readJsonl: RowReader = (row, index, style) => {
  const question = textField(row, 'prompt', 'question');
  const { choices } = row.value;
  const subject = optionalText(row, 'subject');
  const level = optionalText(row, 'level');
  const solution = optionalText(row, 'solution');
  return {
    id: optionalText(row, 'id') ?? `row-${index}`,
    question,
    prompt: promptOf(question, style),
    gold: textField(row, 'answer', 'gold'),
    choices: choices === undefined ? [] : readChoices(row, choices),
    ...(subject !== undefined && { subject }),
    ...(level !== undefined && { level }),
    ...(solution !== undefined && { solution }),
    templateDigest: templateDigest({ jsonl: style === 'zero-shot' ? 'text' : 'chat' }),
  };
};
