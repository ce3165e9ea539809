import { expect, test } from 'vitest';
import { parseExactJson } from './exact-json.ts';

test.each([
  ['{"gold": 98765432109876543210}', { gold: '98765432109876543210' }],
  ['{"gold": -9007199254740993}', { gold: '-9007199254740993' }],
  ['{"gold": 9007199254740992}', { gold: 9007199254740992 }],
  ['{"gold": 0.12345678901234567890}', { gold: '0.12345678901234567890' }],
  ['{"gold": 1e400}', { gold: '1e400' }],
  ['{"gold": 1e23, "text": "12345678901234567890"}', { gold: 1e23, text: '12345678901234567890' }],
  ['{"gold": 1.50, "n": [12, 3.25, 100000000000000000000]}', { gold: 1.5, n: [12, 3.25, 1e20] }],
  ['["a \\" 98765432109876543210", 7]', ['a " 98765432109876543210', 7]],
])('%s keeps its digits', (text, value) => {
  expect(parseExactJson(text)).toEqual(value);
});

test('what is no JSON is refused as JSON.parse refuses it', () => {
  for (const text of ['{"a": 01234567890123456789}', '{98765432109876543210}', '', '{"a": 12345678901234567890'])
    expect(() => parseExactJson(text)).toThrow(SyntaxError);
});
