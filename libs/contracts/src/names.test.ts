import { expect, test } from 'vitest';
import { digestOfName, nameOfDigest } from './names.ts';

const digest = 'a'.repeat(64);

test('a name and its digest are each other back', () => {
  expect(digestOfName('datasets', nameOfDigest('datasets', digest), 'dataset')).toBe(digest);
});

test.each(['', digest, `checkpoints/${digest}`, 'datasets/', 'datasets/../../etc/passwd', `datasets/${digest}/x`])(
  'a name that is none is refused with its field: %j',
  (name) => {
    expect(() => digestOfName('datasets', name, 'dataset')).toThrow(/^dataset: must be a name "datasets\//);
  },
);
