import { expect, test } from 'vitest';
import { excerpt, HoneError, printable, wellFormed } from './index.ts';

const encodes = (text: string): boolean => {
  encodeURI(text);
  return true;
};

test('a text is cut between characters, never within one', () => {
  for (let length = 1; length < 90; length++) {
    const text = `${'a'.repeat(length)}😀${'b'.repeat(30)}`;
    const cut = excerpt(text, 80);
    expect(cut.length).toBeLessThanOrEqual(80);
    expect(encodes(cut)).toBe(true);
  }
  expect(excerpt('short 😀', 80)).toBe('short 😀');
  expect(excerpt('abcdef', 4)).toBe('abc…');
});

test('halves of surrogate pairs and controls are replaced, whole characters stay', () => {
  expect(wellFormed('a\ud83d😀\ude00b')).toBe('a\ufffd😀\ufffdb');
  expect(printable('a\0b\u001b[31m\tc\n\r')).toBe('a\ufffdb\ufffd[31m\tc\n\ufffd');
});

test('the message of an error is well-formed and bounded, whatever it quotes', () => {
  const error = new HoneError({ code: 'INTERNAL', reason: 'INTERNAL', message: `\ud83d${'x'.repeat(1e6)}` });
  expect(error.message.length).toBeLessThanOrEqual(8_000);
  expect(encodes(error.message)).toBe(true);
});
