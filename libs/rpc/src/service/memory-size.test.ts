import { expect, test } from 'vitest';
import { parseMemorySize } from './memory-size.ts';

test.each([
  ['1', 1],
  ['4096', 4096],
  ['2K', 2048],
  ['1.5GiB', 1.5 * 2 ** 30],
  ['8 gb', 8 * 2 ** 30],
  ['512MiB', 2 ** 29],
])('%s is %i bytes', (text, bytes) => {
  expect(parseMemorySize(text, '--memory')).toBe(bytes);
});

test.each(['', '0', '-1', 'much', '8 GiB free', '1e9', 'GiB'])('"%s" is refused', (text) => {
  expect(() => parseMemorySize(text, '--memory')).toThrow(/^--memory: must be a size such as 8GiB/);
});
