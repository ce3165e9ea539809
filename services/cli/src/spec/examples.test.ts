import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { RECIPES } from '@hone/recipes';
import { isMapping } from '@hone/settings';
import { afterEach, expect, test, vi } from 'vitest';
import { readComparisonFile } from '../comparison/comparison-file.ts';
import { readYamlFile } from '../files/yaml-file.ts';
import { readRunFile } from './run-file.ts';

const folder = fileURLToPath(new URL('../../../../examples/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const isComparison = (name: string): boolean => {
  const document = readYamlFile(path.join(folder, name), 'example');
  return isMapping(document) && 'methods' in document;
};
const names = files.filter((name) => !isComparison(name));

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

test('examples of comparisons are sound, with three seeds of each method', () => {
  const comparisons = files.filter(isComparison);
  expect(comparisons).toContain('paper-ordering.yaml');
  for (const name of comparisons) {
    const { comparison, planned } = readComparisonFile(path.join(folder, name), RECIPES);
    expect(planned).toHaveLength(3 * Object.keys(comparison.methods).length);
  }
});
