import { unpackInt32 } from '@hone/contracts';
import { describe, expect, test } from 'vitest';
import { pairRequest } from './pair-lines.ts';

function groupOf(row: Readonly<Record<string, unknown>>) {
  const { record } = pairRequest({ where: 'pairs.jsonl:7', row });
  if (record?.$case !== 'group') throw new Error('no group');
  return record.value;
}
function exampleOf(row: Readonly<Record<string, unknown>>) {
  const { record } = pairRequest({ where: 'pairs.jsonl:7', row });
  if (record?.$case !== 'example') throw new Error('no example');
  return record.value;
}
const user = { role: 'user', content: 'q' };
const good = { role: 'assistant', content: 'good' };
const bad = { role: 'assistant', content: 'bad' };

describe('a line of pairs', () => {
  test('is text, with an empty prompt too', () => {
    for (const prompt of ['p', '']) {
      const group = groupOf({ prompt, chosen: 'a', rejected: 'b' });
      expect(group).toMatchObject({ problemId: 'line 7', promptText: prompt, promptChat: undefined });
      expect(group.completions.map(({ text }) => text)).toEqual(['a', 'b']);
    }
  });

  test('is a conversation', () => {
    const group = groupOf({ prompt: [user], chosen: [good], rejected: [bad] });
    expect(group.promptChat).toEqual({ messages: [user] });
    expect(group.completions.map(({ chat }) => chat)).toEqual([{ messages: [good] }, { messages: [bad] }]);
  });

  test('may be whole conversations, beside a prompt as text or alone: the prompt is what they begin with', () => {
    for (const row of [{}, { prompt: 'q' }]) {
      const group = groupOf({ ...row, chosen: [user, good], rejected: [user, bad] });
      expect(group.promptChat).toEqual({ messages: [user] });
      expect(group.completions.map(({ chat }) => chat)).toEqual([{ messages: [good] }, { messages: [bad] }]);
    }
  });

  test.each([
    ['The sky is blue', 'The sky is green', 'The sky is'],
    ['abc', 'abcd', 'ab'],
    ['x', 'y', ''],
    ['a😀', 'a😁', 'a'],
  ])('may be whole texts: "%s" and "%s" begin with "%s"', (chosen, rejected, prompt) => {
    const group = groupOf({ chosen, rejected });
    expect(group.promptText).toBe(prompt);
    expect(group.completions.map(({ text }) => prompt + text)).toEqual([chosen, rejected]);
  });

  test('is token ids', () => {
    const group = groupOf({ prompt_token_ids: [1], chosen_token_ids: [2], rejected_token_ids: [3] });
    expect([...unpackInt32(group.promptTokenIds, 'ids')]).toEqual([1]);
  });

  test('is a labelled completion, as text, as a conversation or as token ids', () => {
    expect(exampleOf({ prompt: 'p', completion: 'c', label: false })).toMatchObject({
      ...{ id: 'line 7', promptText: 'p', completionText: 'c', promptChat: undefined, desirable: false },
    });
    const chat = exampleOf({ prompt: [user], completion: [good], label: true });
    expect(chat).toMatchObject({ promptChat: { messages: [user] }, completionChat: { messages: [good] } });
    expect(chat.desirable).toBe(true);
    const ids = exampleOf({ prompt_token_ids: [1], completion_token_ids: [2], label: true });
    expect([...unpackInt32(ids.completionTokenIds, 'ids')]).toEqual([2]);
  });

  test.each<[RegExp, Readonly<Record<string, unknown>>]>([
    [/^pairs\.jsonl:7: must have "chosen" and "rejected"/, { prompt: 'p', chosen: 'a' }],
    [/:7 chosen: must be text or a list of messages/, { prompt: 'p', chosen: 3, rejected: 'b' }],
    [/:7 rejected: must be text, as "chosen" is/, { prompt: 'p', chosen: 'a', rejected: [bad] }],
    [/:7 chosen: must be a list of messages, as "prompt" is/, { prompt: [user], chosen: 'a', rejected: 'b' }],
    [/:7 prompt: must be a list of messages .* or what "chosen"/, { prompt: 'p', chosen: [good], rejected: [bad] }],
    [/:7 chosen\[0\]: must be a message/, { prompt: [user], chosen: [{ role: 'assistant' }], rejected: [bad] }],
    [/:7 label: must be true or false/, { prompt: 'p', completion: 'a', label: 1 }],
    [/:7 completion: must be text, as "prompt" is/, { prompt: 'p', completion: [good], label: true }],
    [/:7 completion: must be a list of messages, as "prompt" is/, { prompt: [user], completion: 'a', label: true }],
    [/:7 completion: must be text or a list of messages/, { prompt: 'p', label: true }],
    [/:7 rejected: has no message of its own/, { prompt: [user], chosen: [good], rejected: [] }],
  ])('that is none of these is refused by line and field: %s', (message, row) => {
    expect(() => groupOf(row)).toThrow(message);
  });
});
