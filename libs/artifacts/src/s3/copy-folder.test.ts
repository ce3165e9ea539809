import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyFolderToBucket } from '../index.ts';
import { BACKENDS } from '../testing/backends.ts';
import { temporaryFolder } from '../testing/folder.ts';

const FILES = { 'config.json': '{}', 'model.safetensors': 'weights', 'tokenizer.json': '[]' };

async function modelFolder(): Promise<string> {
  const folder = join(await temporaryFolder(), 'model');
  await mkdir(folder);
  for (const [name, content] of Object.entries(FILES)) await writeFile(join(folder, name), content);
  return folder;
}

describe.each(BACKENDS.filter(({ name }) => name.startsWith('a bucket')))('a folder copied to $name', (backend) => {
  it.skipIf(backend.missing !== '')('stands there as plain objects, over nothing that was there', async () => {
    const stop = await backend.start();
    try {
      const { location, names, read } = await backend.open();
      const target = `${location}/exports/a`;
      const copied = await copyFolderToBucket(await modelFolder(), `${target}/`);
      expect(copied).toEqual({ location: target, files: Object.keys(FILES) });
      expect(await names()).toEqual(Object.keys(FILES).map((name) => `exports/a/${name}`));
      expect((await read('exports/a/model.safetensors')).toString()).toBe('weights');
      await expect(copyFolderToBucket(await modelFolder(), target)).rejects.toMatchObject({
        reason: 'FOLDER_NOT_EMPTY',
      });
      await copyFolderToBucket(await modelFolder(), `${location}/exports/b`);
    } finally {
      await stop();
    }
  });

  it.skipIf(backend.missing !== '')('leaves nothing where a file fails', async () => {
    const stop = await backend.start();
    try {
      const { location, names } = await backend.open();
      const folder = await modelFolder();
      await rm(join(folder, 'tokenizer.json'));
      // A folder is no file: its upload fails after others have passed.
      await mkdir(join(folder, 'tokenizer.json'));
      await expect(copyFolderToBucket(folder, `${location}/exports/c`)).rejects.toThrow();
      expect(await names()).toEqual([]);
    } finally {
      await stop();
    }
  });
});

it('a target without a prefix, or that is no bucket, is refused', async () => {
  const folder = await modelFolder();
  for (const target of ['s3://bucket', 's3://b', '/tmp/x', 'gs://bucket/x'])
    await expect(copyFolderToBucket(folder, target)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
