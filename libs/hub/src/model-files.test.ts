import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modelFiles } from './model-files.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hone-model-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const write = (...names: string[]): void => names.forEach((name) => writeFileSync(path.join(folder, name), 'four'));
async function found(model = folder): Promise<string[]> {
  return (await modelFiles(model)).files.map((file) => path.relative(folder, file));
}

describe('the files of a model', () => {
  it('are those of a Hugging Face folder, and nothing else that lies there', async () => {
    write('config.json', 'tokenizer.json', 'model.safetensors', 'README.md', 'optimizer.pt', 'training_args.bin');
    expect(await found()).toEqual(['config.json', 'model.safetensors', 'tokenizer.json']);
  });

  it('are all shards and their index', async () => {
    const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    write('model.safetensors.index.json', 'config.json', ...shards);
    expect(await found()).toEqual(['config.json', ...shards, 'model.safetensors.index.json']);
  });

  it('of a .gguf leave other models beside it alone', async () => {
    write('a.gguf', 'b.gguf', 'tokenizer.json');
    expect(await found(path.join(folder, 'a.gguf'))).toEqual(['a.gguf', 'tokenizer.json']);
  });

  it('are counted in bytes', async () => {
    write('config.json', 'model.safetensors');
    expect((await modelFiles(folder)).bytes).toBe(8);
  });

  it('are missed by name where there is no model', async () => {
    await expect(modelFiles(path.join(folder, 'none'))).rejects.toThrow(/none not found: give a Hugging Face model/);
    mkdirSync(path.join(folder, 'empty'));
    await expect(modelFiles(path.join(folder, 'empty'))).rejects.toThrow(/empty holds no model/);
  });

  it('are plain files: a pipe, or a link to a device, is refused and never read', async () => {
    write('config.json', 'tokenizer.json');
    symlinkSync('/dev/zero', path.join(folder, 'model.safetensors'));
    await expect(found()).rejects.toThrow(/model\.safetensors must be a plain file/);
  });
});
