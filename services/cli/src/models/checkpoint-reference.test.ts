import { expect, it } from 'vitest';
import { checkpointName, isCheckpointName, versionBesideModels } from './checkpoint-reference.ts';

it.each([
  ['math@best', 'models/math@best'],
  ['math-7b@3', 'models/math-7b/versions/3'],
  ['models/math@latest', 'models/math@latest'],
  ['models/math/versions/12', 'models/math/versions/12'],
  ['0123abcd', 'checkpoints/0123abcd'],
  ['checkpoints/0123abcd', 'checkpoints/0123abcd'],
  ['math@Best', 'checkpoints/math@Best'],
])('the checkpoint %s is %s', (text, name) => expect(checkpointName(text)).toBe(name));

it.each(['org/math@best', './math@best', 'math', 'math.gguf', 'models/math', 'math@0'])(
  'the model %s is no version of the register',
  (text) => expect(versionBesideModels(text)).toBeUndefined(),
);

it('a folder goes before a version of the same name', () => {
  expect(versionBesideModels('math@best')).toBe('models/math@best');
  expect(versionBesideModels(import.meta.dirname)).toBeUndefined();
});

it('names of checkpoints are told from other texts', () => {
  for (const text of ['math@best', 'models/math/versions/3', '0123abcd']) expect(isCheckpointName(text)).toBe(true);
  for (const text of ['math', '0123abc', 'org/math@best', '']) expect(isCheckpointName(text)).toBe(false);
});
