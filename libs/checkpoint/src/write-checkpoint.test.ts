import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  allocateWeights,
  createLlamaConfig,
  weightShapes,
  readCheckpoint,
  writeCheckpoint,
  type Checkpoint,
} from './index.ts';
import { golden, temporaryFolder } from './test-data.ts';

const untied = join(golden, 'models/untied');
const tied = join(golden, 'models/tied-llama3-rope');

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}

describe('writeCheckpoint', () => {
  it.each([untied, tied])('a model that is written and read again is the same', async (source) => {
    const target = join(await temporaryFolder(), 'copy');
    const before = await readCheckpoint(source);
    await writeCheckpoint(target, before);
    const after = await readCheckpoint(target);
    expect(after.weights.flat).toEqual(before.weights.flat);
    expect(after.tokenizerFiles).toEqual(before.tokenizerFiles);
    expect(after.generationConfig).toEqual(before.generationConfig);
    expect({ ...after.config, raw: null }).toEqual({ ...before.config, raw: null });
  });

  it('writes config.json back as it was, but for the storage type in the name that its layout uses', async () => {
    const folder = await temporaryFolder();
    await writeCheckpoint(join(folder, 'v5'), await readCheckpoint(untied), { storage: 'BF16' });
    await writeCheckpoint(join(folder, 'v4'), await readCheckpoint(tied));
    const v5 = (await readJson(join(untied, 'config.json'))) as object;
    const v4 = (await readJson(join(tied, 'config.json'))) as object;
    expect(await readJson(join(folder, 'v5/config.json'))).toEqual({ ...v5, dtype: 'bfloat16' });
    expect(await readJson(join(folder, 'v4/config.json'))).toEqual({ ...v4, torch_dtype: 'float32' });
  });

  it.each(['BF16', 'F16'] as const)('what was stored as %s is stored so again without a change', async (storage) => {
    const target = join(await temporaryFolder(), 'copy');
    const source = storage === 'BF16' ? tied : join(golden, 'models/linear-rope');
    const before = await readCheckpoint(source);
    await writeCheckpoint(target, before, { storage });
    expect((await readCheckpoint(target)).weights.flat).toEqual(before.weights.flat);
  });

  it('never overwrites a folder, and leaves nothing half-written', async () => {
    const parent = await temporaryFolder();
    const checkpoint = await readCheckpoint(untied);
    await writeCheckpoint(join(parent, 'model'), checkpoint);
    await expect(writeCheckpoint(join(parent, 'model'), checkpoint)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(await readdir(parent)).toEqual(['model']);
  });

  it('refuses weights that are not numbers, or too large for the storage type, and writes nothing', async () => {
    const parent = await temporaryFolder();
    const checkpoint = await readCheckpoint(untied);
    checkpoint.weights.flat[3] = 1e6;
    const tooLarge = writeCheckpoint(join(parent, 'model'), checkpoint, { storage: 'F16' });
    await expect(tooLarge).rejects.toThrow(/model\.embed_tokens\.weight has values too large for F16/);
    checkpoint.weights.flat[3] = NaN;
    const notANumber = writeCheckpoint(join(parent, 'model'), checkpoint);
    await expect(notANumber).rejects.toThrow(/model\.embed_tokens\.weight: element 3 is not a finite number/);
    expect(await readdir(parent)).toEqual([]);
  });

  it('refuses a tokenizer file whose name is a path', async () => {
    const parent = await temporaryFolder();
    const checkpoint = { ...(await readCheckpoint(untied)), tokenizerFiles: { '../evil': new Uint8Array(1) } };
    await expect(writeCheckpoint(join(parent, 'model'), checkpoint)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect(await readdir(parent)).toEqual([]);
  });

  it('writes a model that was made here, not read', async () => {
    const target = join(await temporaryFolder(), 'new');
    const config = createLlamaConfig({
      hiddenSize: 8,
      intermediateSize: 12,
      numLayers: 1,
      numAttentionHeads: 2,
      numKeyValueHeads: 1,
      vocabSize: 10,
      maxPositionEmbeddings: 32,
      tieWordEmbeddings: true,
      eosTokenId: 2,
    });
    const weights = allocateWeights(weightShapes(config));
    weights.flat.forEach((_, index) => (weights.flat[index] = index / 7));
    const checkpoint: Checkpoint = { config, weights, generationConfig: null, tokenizerFiles: {} };
    await writeCheckpoint(target, checkpoint);
    const read = await readCheckpoint(target);
    expect(read.weights.flat).toEqual(weights.flat);
    expect(read.config).toEqual(config);
    expect(read.generationConfig).toEqual({ bos_token_id: null, eos_token_id: 2, pad_token_id: null });
  });
});
