/** What documents name is there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');

const below = (folder: string, ending: string): string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !name.includes('node_modules') && !name.includes('generated'))
    .map((name) => path.join(folder, name));

const pages = [
  ...['README.md', 'CONTRIBUTING.md'],
  ...['docs', 'examples', 'libs', 'services'].flatMap((folder) => below(folder, '.md')),
];

/** Targets of a page's links that are no addresses and no places in the page itself. */
function linksOf(page: string): string[] {
  const text = readFileSync(path.join(ROOT, page), 'utf8').replace(/```[\s\S]*?```/g, '');
  return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1]!)
    .filter((link) => !/^[a-z]+:/.test(link));
}

test.each(pages)('%s: what it links to is there', (page) => {
  const missing = linksOf(page).filter((link) => !existsSync(path.join(ROOT, path.dirname(page), link)));
  expect(missing).toEqual([]);
});

/** Paths between backquotes that begin with a folder of this repository; what stands for a name is none. */
const pathsIn = (page: string): string[] =>
  [...readFileSync(path.join(ROOT, page), 'utf8').matchAll(/`((?:libs|services|scripts|protos|docs|test)\/[\w./-]+)`/g)]
    .map((match) => match[1]!)
    .filter((name) => !/NAME|generated/.test(name));

/** Where the guides put examples, and what the first release makes. */
const TO_BE_MADE = /\/(yes-no|short-over-long|dpop|seed-oss|opt|svamp)\.ts$|^protos\/RELEASED$/;

test.each(pages)('%s: files of the repository that it names are there', (page) => {
  const missing = pathsIn(page).filter(
    (name) => !TO_BE_MADE.test(name) && statSync(path.join(ROOT, name), { throwIfNoEntry: false }) === undefined,
  );
  expect(missing).toEqual([]);
});

describe('the reference of settings', () => {
  /** What processes of Hone tell each other, what tests and benchmarks read, and parts of names. */
  const INTERNAL =
    /^HONE_(VERSION|PARENT_PIPE|REFERENCE_DATA|PYTHON|POSTGRES|MINIO|ALL_PAIRS|BENCH_\w+|TEST_\w+|MODEL|CHECKPOINT)$/;

  test('has every variable of Hone that a source names', () => {
    const page = readFileSync(path.join(ROOT, 'docs/reference/settings.md'), 'utf8');
    const sources = [...below('libs', '.ts'), ...below('services', '.ts')].filter(
      (file) => !/\.(test|bench)\.ts$|\/testing\//.test(file),
    );
    const named = sources.flatMap(
      (file) => readFileSync(path.join(ROOT, file), 'utf8').match(/\bHONE_[A-Z0-9_]+/g) ?? [],
    );
    const isThere = (name: string): boolean =>
      page.includes(`\`${name}`) || [...page.matchAll(/`(HONE_\w+_)\*`/g)].some((match) => name.startsWith(match[1]!));
    const missing = [...new Set(named)].filter((name) => !INTERNAL.test(name) && !name.endsWith('_') && !isThere(name));
    expect(missing).toEqual([]);
  });
});
