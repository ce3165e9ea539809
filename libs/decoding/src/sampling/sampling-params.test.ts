import { expect, test } from 'vitest';
import { validateSamplingParams, type SamplingParams } from './sampling-params.ts';

const good: SamplingParams = { temperature: 0.8, topK: 0, topP: 1, maxTokens: 16, ignoreEos: false };

test('top_p of 0 is read as 1', () => {
  expect(validateSamplingParams({ ...good, topP: 0 })).toEqual(good);
});

test.each([
  ['temperature', { temperature: -0.5 }],
  ['temperature', { temperature: Number.NaN }],
  ['temperature', { temperature: Number.POSITIVE_INFINITY }],
  ['temperature', { temperature: 1e-9 }],
  ['top_k', { topK: -1 }],
  ['top_k', { topK: 1.5 }],
  ['top_p', { topP: 1.01 }],
  ['top_p', { topP: -0.1 }],
  ['top_p', { topP: Number.NaN }],
  ['max_tokens', { maxTokens: 0 }],
  ['max_tokens', { maxTokens: 2.5 }],
])('a wrong %s is named', (name, wrong) => {
  const validate = (): SamplingParams => validateSamplingParams({ ...good, ...wrong });
  expect(validate).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  expect(validate).toThrow(
    expect.objectContaining({ violations: [expect.objectContaining({ field: `sampling.${name}` })] }),
  );
});

test('all wrong fields are named at once', () => {
  const wrong = { ...good, temperature: -1, maxTokens: 0 };
  expect(() => validateSamplingParams(wrong)).toThrow(/sampling\.temperature.*sampling\.max_tokens/);
});
