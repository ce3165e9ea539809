import { expect, it } from 'vitest';
import { shortName } from './numbers.ts';

it('a long name is shortened, a short one is left', () => {
  expect(shortName(`checkpoints/${'ab'.repeat(32)}`)).toBe('checkpoints/abababababab');
  expect(shortName('runs/20260101-000000-abcdef')).toBe('runs/20260101-000000-abcdef');
});
