import { mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryName } from '../files/atomic.ts';
import { ArtifactStore } from '../index.ts';
import { listAll, temporaryFolder } from '../testing/folder.ts';

async function openStore(): Promise<{ store: ArtifactStore; folders: string }> {
  const root = join(await temporaryFolder(), 'store');
  return { store: await ArtifactStore.open(root), folders: join(root, 'folders') };
}

async function writeModel(folder: string): Promise<void> {
  await writeFile(join(folder, 'model.safetensors'), Buffer.alloc(100_000, 7));
  await writeFile(join(folder, 'config.json'), '{}');
}

describe('folders', () => {
  it('are named by their files, whatever way they came in', async () => {
    const { store, folders } = await openStore();
    const created = await store.createFolder(writeModel);
    const source = await temporaryFolder();
    await writeModel(source);
    expect(await store.putFolder(source)).toEqual(created);
    expect(created).toMatchObject({ bytes: 100_002, files: [{ name: 'config.json' }, { name: 'model.safetensors' }] });
    expect(await listAll(folders)).toEqual(
      ['', '/MANIFEST.json', '/config.json', '/model.safetensors'].map((file) => created.digest + file),
    );
  });

  it('open to a path with the same files, and say what they hold', async () => {
    const { store } = await openStore();
    const created = await store.createFolder(writeModel);
    const path = await store.openFolder(created.digest, { verify: true });
    expect(await readFile(join(path, 'config.json'), 'utf8')).toBe('{}');
    expect(await store.describeFolder(created.digest)).toEqual(created);
    expect(await store.hasFolder(created.digest)).toBe(true);
    expect(await store.hasFolder('0'.repeat(64))).toBe(false);
  });

  it('are copies: a source that is changed later changes nothing here', async () => {
    const { store } = await openStore();
    const source = await temporaryFolder();
    await writeModel(source);
    const { digest } = await store.putFolder(source);
    await writeFile(join(source, 'config.json'), '{"changed":1}');
    await store.openFolder(digest, { verify: true });
  });

  it('a stored folder can be stored again under the same name', async () => {
    const { store } = await openStore();
    const { digest } = await store.createFolder(writeModel);
    const again = await store.putFolder(await store.openFolder(digest));
    expect(again.digest).toBe(digest);
  });

  it('leave nothing behind where writing fails', async () => {
    const { store, folders } = await openStore();
    const failing = store.createFolder(async (folder) => {
      await writeModel(folder);
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', path: join(folder, 'x') });
    });
    await expect(failing).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect(await listAll(folders)).toEqual([]);
  });

  it('hold plain files only, and at least one', async () => {
    const { store, folders } = await openStore();
    await expect(store.createFolder((folder) => mkdir(join(folder, 'sub')))).rejects.toThrow(/holds plain files only/);
    const link = store.createFolder((folder) => symlink('/etc/passwd', join(folder, 'link')));
    await expect(link).rejects.toThrow(/holds plain files only/);
    await expect(store.createFolder(async () => {})).rejects.toThrow(/has no files to store/);
    await expect(store.putFolder('/no/such/folder')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await listAll(folders)).toEqual([]);
  });

  it('are refused by what is no digest', async () => {
    const { store } = await openStore();
    await expect(store.openFolder('..')).rejects.toThrow(/digest: must be a SHA-256 digest/);
    await expect(store.openFolder('0'.repeat(64))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a damaged folder is found and the file is named', () => {
  async function storedModel(): Promise<{ store: ArtifactStore; digest: string; path: string }> {
    const { store } = await openStore();
    const { digest } = await store.createFolder(writeModel);
    return { store, digest, path: await store.openFolder(digest) };
  }

  it('one changed byte, with verify', async () => {
    const { store, digest, path } = await storedModel();
    const file = join(path, 'model.safetensors');
    await writeFile(file, Buffer.alloc(100_000, 7).fill(8, 50_000, 50_001));
    await expect(store.openFolder(digest, { verify: true })).rejects.toMatchObject({
      code: 'DATA_LOSS',
      metadata: { file },
    });
  });

  it('a shorter file and a missing one, without reading the contents', async () => {
    const { store, digest, path } = await storedModel();
    await writeFile(join(path, 'model.safetensors'), 'short');
    await expect(store.openFolder(digest)).rejects.toThrow(/model\.safetensors: has 5 bytes, its manifest says 100000/);
    await rm(join(path, 'model.safetensors'));
    await expect(store.openFolder(digest)).rejects.toThrow(/model\.safetensors: is missing/);
  });

  it('a changed manifest', async () => {
    const { store, digest, path } = await storedModel();
    await writeFile(join(path, 'MANIFEST.json'), '{"files":[],"version":1}\n');
    await expect(store.openFolder(digest)).rejects.toThrow(/MANIFEST\.json: is damaged/);
  });
});

describe('opening a store', () => {
  it('removes what a killed process left, and nothing of a living one', async () => {
    const root = await temporaryFolder();
    await ArtifactStore.open(root);
    // No process has this number: it is above Linux's largest.
    const [, machine] = basename(temporaryName('folder')).split('~');
    const dead = `.hone-tmp~${machine}~4194999~aa~folder`;
    const living = `.hone-tmp~${machine}~${process.pid}~aa~folder`;
    const elsewhere = '.hone-tmp~another-machine~1~aa~folder';
    for (const name of [dead, living, elsewhere]) await mkdir(join(root, 'folders', name));
    await ArtifactStore.open(root);
    expect(await listAll(join(root, 'folders'))).toEqual([living, elsewhere].sort());
  });

  it('removes what nobody has written to for a day, whatever lives under its process number', async () => {
    const root = await temporaryFolder();
    await ArtifactStore.open(root);
    const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
    const [old, written] = ['old', 'written'].map((name) => join(root, 'folders', temporaryName(name)));
    for (const folder of [old!, written!]) await mkdir(folder);
    await writeFile(join(written!, 'a'), 'just now');
    for (const folder of [old!, written!]) await utimes(folder, longAgo, longAgo);
    await ArtifactStore.open(root);
    expect(await listAll(join(root, 'folders'))).toEqual([basename(written!), `${basename(written!)}/a`]);
  });

  it('says what is wrong with a root that is no folder', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    await expect(ArtifactStore.open(join(file, 'store'))).rejects.toThrow(/file/);
  });
});
