import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withEnginesOf } from './index.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hone-modules-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}
const engine = (name: string, kind = 'sampling'): string =>
  `export const kind = '${kind}'; export default (kit) => ({ name: kit.prefix + '${name}', summary: 's', open() {} });`;

const OWN = [{ name: 'own', summary: 'Hone’s' }];
const load = () => withEnginesOf('sampling', { folder, kit: { prefix: 'my-' }, own: OWN });

test('an engine is a file or a folder with an index, made from what it is given, and stands behind Hone’s own', async () => {
  write('b.mjs', engine('b'));
  write('a/index.mjs', engine('a'));
  write('a/worker.mjs', 'not read');
  write('notes/README.md', 'no module');
  expect((await load()).map(({ name }) => name)).toEqual(['own', 'my-a', 'my-b']);
});

test('engines of the other kind are left to who wants them', async () => {
  write('a.mjs', engine('a', 'training'));
  expect(await load()).toEqual(OWN);
});

test('no folder means Hone’s own', async () => {
  expect(await withEnginesOf('sampling', { folder: '', kit: {}, own: OWN })).toEqual(OWN);
});

test.each([
  ['no kind', 'export default () => ({})', /a\.mjs: must export "kind" as one of "sampling", "training"/],
  [
    'no name',
    `export const kind = 'sampling'; export default () => ({ summary: 's', open() {} })`,
    /makes no sampling engine: name/,
  ],
  [
    'no open',
    `export const kind = 'sampling'; export default () => ({ name: 'a', summary: 's' })`,
    /open must be a function/,
  ],
  ['no function', `export const kind = 'sampling'; export default 3`, /which makes the sampling engine/],
])('a module with %s is told with what is wrong', async (_, text, message) => {
  write('a.mjs', text);
  await expect(load()).rejects.toThrow(message);
});

test('a name that is taken is told', async () => {
  write('a.mjs', engine('a'));
  write('b.mjs', engine('a'));
  await expect(load()).rejects.toThrow(/b\.mjs: must have a name of its own: there is a sampling engine "my-a"/);
});
