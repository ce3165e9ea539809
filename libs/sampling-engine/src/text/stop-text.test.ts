import { fileURLToPath } from 'node:url';
import { Tokenizer } from '@hone/tokenizer';
import { expect, test } from 'vitest';
import { cutAtStop, stopTest, textUntilStop } from './stop-text.ts';

const folder = fileURLToPath(new URL('../../../../test/golden/models/tied-llama3-rope', import.meta.url));

test('a completion ends at the token with which a stop text is complete, wherever token borders are', async () => {
  const tokenizer = await Tokenizer.fromFolder(folder);
  const ids = await tokenizer.encode('one two three. The end of it', { addSpecialTokens: false });
  for (const stop of ['two', ' th', '. The', 'd of']) {
    const ends = stopTest(tokenizer, ['never there', stop])!;
    const at = ids.findIndex((_, index) => ends(ids.slice(0, index + 1)));
    const until = (count: number): string => tokenizer.decode(ids.slice(0, count), { skipSpecialTokens: true });
    expect(until(at + 1)).toContain(stop);
    expect(until(at)).not.toContain(stop);
  }
});

test('a stop text may be or hold special tokens, which the text of the completion does not show', async () => {
  const tokenizer = await Tokenizer.fromFolder(folder);
  const ids = await tokenizer.encode('one<|endoftext|>two three<|im_end|> four', { addSpecialTokens: false });
  const expected: readonly (readonly [string, string])[] = [
    ['<|im_end|>', 'onetwo three'],
    ['ee<|im_end|>', 'onetwo thr'],
    ['e<|endoftext|>tw', 'on'],
    ['<|endoftext|>', 'one'],
    ['etwo', 'on'],
  ];
  for (const [stop, text] of expected) {
    const ends = stopTest(tokenizer, [stop])!;
    const at = ids.findIndex((_, index) => ends(ids.slice(0, index + 1)));
    expect(at, stop).toBeGreaterThanOrEqual(0);
    expect(textUntilStop(tokenizer, Int32Array.from(ids.slice(0, at + 1)), [stop])).toBe(text);
  }
  expect(stopTest(tokenizer, ['<|im_start|>'])!(ids)).toBe(false);
  expect(textUntilStop(tokenizer, Int32Array.from(ids), ['<|im_start|>'])).toBe('onetwo three four');
});

test('without stop texts nothing is tested', async () => {
  expect(stopTest(await Tokenizer.fromFolder(folder), [])).toBeUndefined();
});

test.each([
  ['a b c', ['b'], 'a '],
  ['a b c', ['c', 'b'], 'a '],
  ['a b c', ['x'], 'a b c'],
  ['a b c', [], 'a b c'],
])('%s, stopped at %j, is "%s"', (text, stops, expected) => {
  expect(cutAtStop(text, stops)).toBe(expected);
});
