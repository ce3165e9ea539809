import { dataLoss, invalidArgument, notFound } from '@hone/errors';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { describeError } from './describe-error.ts';

afterEach(() => void vi.unstubAllEnvs());

describe('an error', () => {
  it('is one line that names the field or the file', () => {
    expect(describeError(invalidArgument('pairs.per_problem', 'must be at least 1'))).toBe(
      'error: pairs.per_problem: must be at least 1',
    );
    expect(describeError(dataLoss('model.safetensors', 'is truncated'))).toBe('error: model.safetensors: is truncated');
  });

  it('of something that is not there says what lists those that are', () => {
    expect(describeError(notFound('runs/x', 'ListRuns lists them'))).toMatch(
      /^error: runs\/x not found: .* \(hone .*runs list\)$/,
    );
    expect(describeError(notFound('file.json', 'check the path'))).toBe('error: file.json not found: check the path');
  });

  it('of no known kind is told as a defect, still in one line', () => {
    vi.stubEnv('HONE_DEBUG', '');
    expect(describeError(new TypeError('x is undefined'))).toMatch(/^error: x is undefined \(this is a defect.*\)$/);
  });

  it('shows its stack where that is asked for', () => {
    vi.stubEnv('HONE_DEBUG', '1');
    expect(describeError(new TypeError('x is undefined'))).toMatch(/\n\s+at /);
  });
});
