import { Example, packInt32, PreferenceGroup } from '@hone/contracts';
import { expect, test } from 'vitest';
import { checkExample, checkGroup } from './record-rules.ts';

function group(change: (group: PreferenceGroup) => void = () => {}): PreferenceGroup {
  const made = PreferenceGroup.fromPartial({
    problemId: 'p',
    promptTokenIds: packInt32([1, 2]),
    completions: [{ tokenIds: packInt32([3]), referenceLogProb: -1 }, { tokenIds: packInt32([4]) }],
    pairs: [{ chosen: 0, rejected: 1 }],
  });
  change(made);
  return made;
}

test('a group with and without reference log-probs passes', () => {
  expect(() => checkGroup(group(), 'group[0]')).not.toThrow();
});

test.each<[RegExp, (group: PreferenceGroup) => void]>([
  [/^group\[0\]\.prompt_token_ids: must have at least one token/, (it) => (it.promptTokenIds = Buffer.alloc(0))],
  [/^group\[0\]\.prompt_token_ids: .* 3 bytes/, (it) => (it.promptTokenIds = Buffer.alloc(3))],
  [/completions\[1\]\.token_ids: .* but one is -4/, (it) => (it.completions[1]!.tokenIds = packInt32([-4]))],
  [/completions\[0\]\.reference_log_prob: .* 0\.5$/, (it) => (it.completions[0]!.referenceLogProb = 0.5)],
  [/completions\[0\]\.reference_log_prob: .* NaN$/, (it) => (it.completions[0]!.referenceLogProb = Number.NaN)],
  [/^group\[0\]\.pairs: must have at least one pair/, (it) => (it.pairs = [])],
  [/pairs\[0\]\.chosen: .* 2 completions, but is 2$/, (it) => (it.pairs[0]!.chosen = 2)],
  [/pairs\[0\]\.rejected: .* but is -1$/, (it) => (it.pairs[0]!.rejected = -1)],
  [/pairs\[0\]\.rejected: must be another/, (it) => (it.pairs[0]!.rejected = 0)],
])('a broken group is refused: %s', (message, change) => {
  expect(() => checkGroup(group(change), 'group[0]')).toThrow(message);
});

test('a group is token ids or text throughout', () => {
  const text = { promptText: 'a', completions: [{ text: 'b' }, { text: '' }], pairs: [{ chosen: 0, rejected: 1 }] };
  expect(() => checkGroup(PreferenceGroup.fromPartial(text), 'group[0]')).not.toThrow();
  const refused = (change: (group: PreferenceGroup) => void): (() => void) => {
    const made = PreferenceGroup.fromPartial(text);
    change(made);
    return () => checkGroup(made, 'group[0]');
  };
  const ids = packInt32([1]);
  expect(refused((it) => (it.promptTokenIds = ids))).toThrow(/group\[0\]\.prompt_token_ids: must be empty/);
  expect(refused((it) => (it.completions[1]!.tokenIds = ids))).toThrow(/completions\[1\]\.token_ids: must be empty/);
  const mixed = group((it) => (it.completions[0]!.text = 'b'));
  expect(() => checkGroup(mixed, 'group[0]')).toThrow(/completions\[0\]\.text: must be empty/);
});

test('a completion of a group of token ids may be text in their place, such as a solution', () => {
  const solution = { text: 'b', sampleIndex: -1 };
  const made = group(
    (it) => (it.completions[0] = PreferenceGroup.fromPartial({ completions: [solution] }).completions[0]!),
  );
  expect(() => checkGroup(made, 'group[0]')).not.toThrow();
  made.completions[0]!.text = '';
  expect(() => checkGroup(made, 'group[0]')).toThrow(/completions\[0\]\.token_ids: must have at least one token/);
});

test('a group is chats throughout, each with a message', () => {
  const chat = (content: string) => ({ messages: [{ role: 'user', content }] });
  const made = (change: (group: PreferenceGroup) => void = () => {}): (() => void) => {
    const completions = [{ chat: chat('b') }, { chat: chat('c') }];
    const chats = PreferenceGroup.fromPartial({
      promptChat: chat('a'),
      completions,
      pairs: [{ chosen: 0, rejected: 1 }],
    });
    change(chats);
    return () => checkGroup(chats, 'group[0]');
  };
  expect(made()).not.toThrow();
  expect(made((it) => (it.completions[1]!.chat = undefined))).toThrow(/completions\[1\]\.chat: must have at least one/);
  expect(made((it) => (it.promptChat = { messages: [] }))).toThrow(/group\[0\]\.prompt_chat: must have at least one/);
  expect(made((it) => (it.promptChat!.messages[0]!.role = ''))).toThrow(/prompt_chat\.messages\[0\]\.role/);
  expect(made((it) => (it.completions[0]!.text = 'x'))).toThrow(/completions\[0\]\.text: must be empty/);
  expect(made((it) => (it.promptText = 'x'))).toThrow(/prompt_chat: must be empty/);
});

test('an empty prompt is text where nothing is given in another way', () => {
  const completions = [{ text: 'b' }, { text: 'c' }];
  const group = PreferenceGroup.fromPartial({ completions, pairs: [{ chosen: 0, rejected: 1 }] });
  expect(() => checkGroup(group, 'group[0]')).not.toThrow();
});

test('an example is token ids or text', () => {
  const tokens = { promptTokenIds: packInt32([1]), completionTokenIds: packInt32([2]) };
  const text = { promptText: 'a', completionText: 'b' };
  expect(() => checkExample(Example.fromPartial(tokens), 'example[0]')).not.toThrow();
  expect(() => checkExample(Example.fromPartial(text), 'example[0]')).not.toThrow();
  expect(() => checkExample(Example.fromPartial({ ...tokens, ...text }), 'example[0]')).toThrow(/not both/);
});

test('an example may be a chat, of turns on both sides', () => {
  const turn = (role: string) => ({ messages: [{ role, content: 'a' }] });
  const chats = { promptChat: turn('user'), completionChat: turn('assistant') };
  const refused = (fields: object) => () => checkExample(Example.fromPartial(fields), 'example[0]');
  expect(refused(chats)).not.toThrow();
  expect(refused({ promptChat: turn('user') })).toThrow(/completion_chat: must have at least one message/);
  expect(refused({ ...chats, promptChat: turn('') })).toThrow(/prompt_chat.messages\[0\].role: must not be empty/);
  expect(refused({ ...chats, promptText: 'a' })).toThrow(/not both/);
  expect(refused({ ...chats, promptTokenIds: packInt32([1]) })).toThrow(/not both/);
});

test.each([
  [/prompt_text: must not be empty/, {}],
  [/completion_text: must not be empty/, { promptText: 'a' }],
  [/completion_token_ids: must have at least one/, { promptTokenIds: packInt32([1]) }],
])('an incomplete example is refused: %s', (message, fields) => {
  expect(() => checkExample(Example.fromPartial(fields), 'example[2]')).toThrow(message);
});
