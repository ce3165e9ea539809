import { expect, test } from 'vitest';
import { parseChoices } from './choices.ts';

const two = [
  { label: 'A', text: 'x' },
  { label: 'B', text: 'y' },
];

test.each<[string, unknown]>([
  ['texts', ['x', 'y']],
  ['objects', two],
  ['two lists', { text: ['x', 'y'], label: ['A', 'B'] }],
  ['a list of texts alone', { text: ['x', 'y'] }],
])('options are read as %s', (_name, value) => {
  expect(parseChoices(value)).toEqual(two);
});

test.each<[string, unknown]>([
  ['a text', 'x'],
  ['nothing', null],
  ['lists of other lengths', { text: ['x', 'y'], label: ['A'] }],
  ['an object without a text', [{ label: 'A' }]],
  ['numbers', [1, 2]],
])('%s is no list of options', (_name, value) => {
  expect(parseChoices(value)).toBeNull();
});
