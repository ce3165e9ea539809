/** The checks that hold the house in order find what they are there for: each is shown a workspace with a fault. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SCRIPTS = path.join(import.meta.dirname, '../../scripts/checks');

let root: string;
beforeEach(() => void (root = mkdtempSync(path.join(tmpdir(), 'hone-house-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
}

function check(script: string): { readonly passes: boolean; readonly says: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(SCRIPTS, script), root]);
  return { passes: status === 0, says: `${stdout}${stderr}` };
}

const manifest = (name: string): string => JSON.stringify({ name, exports: { '.': './src/index.ts' } });

test('imports in a circle are found, also where they are of types only and cross packages', () => {
  put({
    'libs/one/package.json': manifest('@hone/one'),
    'libs/one/src/index.ts': "export { two } from './middle.ts';\n",
    'libs/one/src/middle.ts': "import type { Two } from '@hone/two';\nexport const two = (two: Two): Two => two;\n",
    'libs/two/package.json': manifest('@hone/two'),
    'libs/two/src/index.ts': 'export type Two = 2;\n',
  });
  expect(check('cycles.mjs')).toEqual({ passes: true, says: '' });
  put({ 'libs/two/src/index.ts': "export type Two = 2;\nexport const one = () => import('@hone/one');\n" });
  const circle = ['libs/one/src/index.ts', 'libs/one/src/middle.ts', 'libs/two/src/index.ts', 'libs/one/src/index.ts'];
  expect(check('cycles.mjs')).toEqual({ passes: false, says: `import cycle: ${circle.join(' -> ')}\n` });
});

const git = (...words: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...words], { cwd: root }).toString();

const proto = (type: string): string => `syntax = "proto3";
package hone.one.v1;
message One {
  ${type} number = 1;
}
`;

test('a contract that breaks what was released is found; while no release is marked, none is', () => {
  put({
    'buf.yaml': 'version: v2\nmodules:\n  - path: protos\nbreaking:\n  use: [FILE]\n',
    'protos/hone/one/v1/one.proto': proto('int32'),
  });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'Released');
  put({ 'protos/hone/one/v1/one.proto': proto('string') });
  expect(check('breaking.mjs')).toMatchObject({ passes: true, says: expect.stringContaining('no release is marked') });
  put({ 'protos/RELEASED': git('rev-parse', 'HEAD') });
  const broken = check('breaking.mjs');
  expect(broken.passes).toBe(false);
  expect(broken.says).toContain('Field "1" with name "number" on message "One" changed type from "int32" to "string"');
  put({ 'protos/hone/one/v1/one.proto': `${proto('int32')}message Two {}\n` });
  expect(check('breaking.mjs').passes).toBe(true);
});

test('a release that the clone does not have fails, and is not taken for none', () => {
  put({ 'buf.yaml': 'version: v2\n', 'protos/RELEASED': 'v1.0.0\n' });
  git('init', '--quiet');
  expect(check('breaking.mjs')).toMatchObject({ passes: false, says: expect.stringContaining('names v1.0.0') });
});
