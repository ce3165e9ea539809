import { chmod, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ArtifactStore } from '../open-store.ts';
import { makePrivateFolder, requireRealFileSystem } from './private-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hone-private-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const modeOf = async (name: string): Promise<number> => (await stat(name)).mode & 0o777;

test('what is made is closed to other accounts, with all that is made above it; what is there stays as it is', async () => {
  const made = path.join(folder, 'a/b');
  expect(makePrivateFolder(made, '--home')).toBe(true);
  expect(makePrivateFolder(made, '--home')).toBe(false);
  expect([await modeOf(made), await modeOf(path.dirname(made))]).toEqual([0o700, 0o700]);
  const shared = path.join(folder, 'shared');
  await mkdir(shared);
  await chmod(shared, 0o770);
  await ArtifactStore.open(shared);
  expect(await modeOf(shared)).toBe(0o770);
});

test('a path in the kernel’s file systems is refused at once, by the field that named it, also through a link', async () => {
  await symlink('/proc', path.join(folder, 'link'));
  for (const file of [
    '/proc/x',
    '/proc/self/fd/x/y',
    '/proc',
    '/sys/x/y',
    '/sys/kernel/z',
    path.join(folder, 'link/x'),
  ]) {
    expect(() => makePrivateFolder(file, '--store'), file).toThrow(/^--store: .* lies in a file system of the kernel/);
    expect(() => requireRealFileSystem(file, '--output'), file).toThrow(/^--output: /);
  }
  for (const location of ['/proc/1/store', '/sys/store'])
    await expect(ArtifactStore.open(location)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  requireRealFileSystem('/dev/shm/x', '--output');
});

test('a file is no folder, nor can one be made below it', async () => {
  await writeFile(path.join(folder, 'file'), '');
  for (const file of ['file', 'file/x'])
    expect(() => makePrivateFolder(path.join(folder, file), '--state')).toThrow('--state: ');
});

test('a store says that it was made, and whether it is still there', async () => {
  const root = path.join(folder, 'store');
  const made: string[] = [];
  const store = await ArtifactStore.open(root, (file) => made.push(file));
  await ArtifactStore.open(root, (file) => made.push(file));
  expect(made).toEqual([root]);
  await store.check();
  await rm(root, { recursive: true });
  await expect(store.check()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
