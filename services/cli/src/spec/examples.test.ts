import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { readRunFile } from './run-file.ts';

const folder = fileURLToPath(new URL('../../../../examples/', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

afterEach(() => {
  vi.unstubAllEnvs();
});

test('there is an example of each benchmark', () => {
  vi.stubEnv('HONE_MODEL', '/model')
    .stubEnv('GSM8K', '/data')
    .stubEnv('MATH', '/data')
    .stubEnv('HONE_CHECKPOINT', '0123abcd');
  const benchmarks = names.map((name) => readRunFile(path.join(folder, name)).benchmark);
  expect([...new Set(benchmarks)].sort()).toEqual(['arc', 'arithmetic', 'gsm8k', 'jsonl', 'math']);
});
