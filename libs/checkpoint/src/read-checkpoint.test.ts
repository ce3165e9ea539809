import { createHash } from 'node:crypto';
import { readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpoint, readModelConfig, weightView, type Weights } from './index.ts';
import { copyOfModel, editJson, golden, hasReferenceData, referenceData } from './test-data.ts';

function digestByName(weights: Weights): string {
  const hash = createHash('sha256');
  for (const { name } of [...weights.specs].sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const values = weightView(weights, name);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

describe('readCheckpoint', () => {
  it.each(['untied', 'tied-llama3-rope', 'linear-rope'])('reads every weight of %s as PyTorch does', async (name) => {
    const folder = join(golden, 'models', name);
    const { weights } = await readCheckpoint(folder);
    const expected = JSON.parse(await readFile(join(folder, 'decode_golden.json'), 'utf8')) as {
      weights_sha256: string;
    };
    expect(digestByName(weights)).toBe(expected.weights_sha256);
  });

  it('puts the weights in shared memory where asked', async () => {
    const { weights } = await readCheckpoint(join(golden, 'models/tied-llama3-rope'), { shared: true });
    expect(weights.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('keeps the tokenizer files byte for byte', async () => {
    const folder = join(golden, 'models/untied');
    const { tokenizerFiles } = await readCheckpoint(folder);
    expect(Object.keys(tokenizerFiles).sort()).toEqual([
      'chat_template.jinja',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(tokenizerFiles['tokenizer.json']).toEqual(await readFile(join(folder, 'tokenizer.json')));
  });

  it('stops when it is aborted', async () => {
    const signal = AbortSignal.abort();
    await expect(readCheckpoint(join(golden, 'models/untied'), { signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });

  it.skipIf(!hasReferenceData)('reads the reference models (set HONE_REFERENCE_DATA)', async () => {
    for (const name of ['llama-gqa', 'llama3rope-tied', 'llama-bf16-sharded', 'micro']) {
      const { weights } = await readCheckpoint(join(referenceData, 'golden/models', name, 'ref'));
      expect(weights.flat.length).toBe(weights.specs.reduce((sum, spec) => sum + spec.length, 0));
    }
  });
});

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: number[];
}

/** Rewrites a safetensors header and leaves the data as it is. */
async function editHeader(file: string, edit: (header: Record<string, HeaderEntry>) => void): Promise<void> {
  const bytes = await readFile(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, HeaderEntry>;
  edit(header);
  const json = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(json.length));
  await writeFile(file, Buffer.concat([size, json, bytes.subarray(8 + length)]));
}

const NORM = 'model.norm.weight';

describe('a damaged model folder gives one error that names the file and the tensor', () => {
  const damages: [string, RegExp, (file: string) => Promise<void>][] = [
    ['an empty file', /model\.safetensors: is 0 bytes long/, (file) => truncate(file, 0)],
    ['a file cut in its header', /header of \d+ bytes in a file of 100/, (file) => truncate(file, 100)],
    [
      'a file cut in its data',
      /is truncated: tensor \S+ ends at byte/,
      async (file) => truncate(file, (await readFile(file)).length - 4),
    ],
    [
      'bytes after the last tensor',
      /3 bytes that belong to no tensor/,
      async (file) => writeFile(file, Buffer.concat([await readFile(file), Buffer.alloc(3)])),
    ],
    [
      'an absurd header length',
      /header of 18446744073709552000 bytes/,
      async (file) => writeFile(file, (await readFile(file)).fill(255, 0, 8)),
    ],
    ['a header that is not JSON', /not JSON/, async (file) => writeFile(file, (await readFile(file)).fill(1, 8, 20))],
    [
      'a missing tensor',
      /tensor lm_head\.weight is missing/,
      async (file) => {
        const bytes = await readFile(file);
        bytes.write('xx', bytes.indexOf('lm_head'));
        await writeFile(file, bytes);
      },
    ],
    [
      'a tensor of another model',
      /tensor model\.extra does not belong to this model/,
      (file) =>
        editHeader(file, (header) => {
          header['model.extra'] = { dtype: 'F32', shape: [0], data_offsets: [0, 0] };
        }),
    ],
    [
      'a wrong shape',
      /tensor model\.norm\.weight is \[4, 4\], config\.json says \[16\]/,
      (file) => editHeader(file, (header) => (header[NORM]!.shape = [4, 4])),
    ],
    [
      'a shape that its bytes do not fit',
      /tensor model\.norm\.weight has 64 bytes, but F32 \[15\] takes 60/,
      (file) => editHeader(file, (header) => (header[NORM]!.shape = [15])),
    ],
    [
      'overlapping tensors',
      /tensor \S+ overlaps the tensor before it/,
      (file) => editHeader(file, (header) => (header[NORM]!.data_offsets = [0, 64])),
    ],
    [
      'an entry that is no entry',
      /entry of tensor model\.norm\.weight is malformed/,
      (file) => editHeader(file, (header) => (header[NORM] = { dtype: 'F32', shape: [-1], data_offsets: [0, 1] })),
    ],
    [
      'an unknown type',
      /tensor model\.norm\.weight is stored as F8_E4M3/,
      (file) => editHeader(file, (header) => (header[NORM]!.dtype = 'F8_E4M3')),
    ],
    [
      'integer weights',
      /tensor model\.norm\.weight is stored as I32, not as/,
      (file) => editHeader(file, (header) => (header[NORM]!.dtype = 'I32')),
    ],
    [
      'a value that is not a number',
      /holds a value that is not finite/,
      async (file) => {
        const bytes = await readFile(file);
        bytes.writeFloatLE(NaN, bytes.length - 4);
        await writeFile(file, bytes);
      },
    ],
  ];

  it.each(damages)('%s', async (_name, message, damage) => {
    const folder = await copyOfModel('untied');
    await damage(join(folder, 'model.safetensors'));
    const error = await readCheckpoint(folder).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'DATA_LOSS', message: expect.stringMatching(message) as string });
    expect((error as Error).message).toContain(folder);
  });

  it('a tied model whose stored head differs from its embedding', async () => {
    const folder = await copyOfModel('untied');
    await editJson(join(folder, 'config.json'), { tie_word_embeddings: true });
    await expect(readCheckpoint(folder)).rejects.toThrow(/lm_head\.weight differs from model\.embed_tokens\.weight/);
  });

  it('a missing shard, and an index that points outside the folder', async () => {
    const folder = await copyOfModel('tied-llama3-rope');
    const index = join(folder, 'model.safetensors.index.json');
    await rename(join(folder, 'model-00002-of-00002.safetensors'), join(folder, 'gone'));
    await expect(readCheckpoint(folder)).rejects.toThrow(/shard model-00002-of-00002\.safetensors is missing/);
    await editJson(index, { weight_map: { a: '../../etc/passwd' } });
    await expect(readCheckpoint(folder)).rejects.toThrow(
      /"\.\.\/\.\.\/etc\/passwd", which is not a file of this folder/,
    );
  });

  it('a folder without weights, without config, or none at all', async () => {
    const folder = await copyOfModel('untied');
    await rm(join(folder, 'model.safetensors'));
    await expect(readCheckpoint(folder)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await rm(join(folder, 'config.json'));
    await expect(readCheckpoint(folder)).rejects.toThrow(/config\.json not found/);
    await expect(readCheckpoint('/no/such/folder')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('what lies about its size is refused before anything is made of it', () => {
  const withHeader = async (json: string, stated = json.length): Promise<string> => {
    const folder = await copyOfModel('untied');
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(stated));
    await writeFile(join(folder, 'model.safetensors'), Buffer.concat([size, Buffer.from(json)]));
    return folder;
  };
  const entry = (shape: number[]): object => ({ dtype: 'F32', shape, data_offsets: [0, 64] });

  it.each([
    ['a shape', JSON.stringify({ [NORM]: entry([2 ** 40, 2 ** 40]) }), /has 64 bytes, but F32 .* takes 4\.8/],
    [
      'an offset',
      JSON.stringify({ [NORM]: { ...entry([16]), data_offsets: [2 ** 50, 2 ** 50 + 64] } }),
      /leaves a gap/,
    ],
    ['a size that is no size', JSON.stringify({ [NORM]: entry([1e300]) }), /is malformed/],
    [
      'a hundred thousand tensors',
      JSON.stringify(
        Object.fromEntries(
          Array.from({ length: 1e5 }, (_, i) => [`t${i}`, { dtype: 'F32', shape: [0], data_offsets: [0, 0] }]),
        ),
      ),
      /names 100000 tensors, more than 65536/,
    ],
  ])('%s', async (_name, json, message) => {
    await expect(readCheckpoint(await withHeader(json))).rejects.toThrow(message);
  });

  it('an index of a thousand shards, and a config of 20 MB', async () => {
    const folder = await copyOfModel('tied-llama3-rope');
    const map = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`t${i}`, `s${i}`]));
    await editJson(join(folder, 'model.safetensors.index.json'), { weight_map: map });
    await expect(readCheckpoint(folder)).rejects.toThrow(/weight_map names 1000 files, more than 500/);
    await editJson(join(folder, 'config.json'), { note: 'x'.repeat(2e7) });
    await expect(readCheckpoint(folder)).rejects.toThrow(/config\.json: is \d+ bytes long, more than/);
  });
});

describe('readModelConfig', () => {
  it('reads both layouts of config.json to the same settings', async () => {
    const folder = await copyOfModel('tied-llama3-rope');
    const before = await readModelConfig(folder);
    await editJson(join(folder, 'config.json'), {
      rope_theta: undefined,
      rope_scaling: undefined,
      rope_parameters: {
        rope_type: 'llama3',
        rope_theta: 500000,
        factor: 8,
        low_freq_factor: 1,
        high_freq_factor: 4,
        original_max_position_embeddings: 16,
      },
    });
    const after = await readModelConfig(folder);
    expect({ ...after, raw: null }).toEqual({ ...before, raw: null });
    for (const { rope } of after.layers)
      expect(rope).toMatchObject({ theta: 500000, scaling: { type: 'llama3', factor: 8 } });
  });

  it('takes the tokens that end a completion from generation_config.json', async () => {
    const folder = await copyOfModel('linear-rope');
    expect((await readModelConfig(folder)).eosTokenIds).toEqual([2, 17]);
    await rm(join(folder, 'generation_config.json'));
    expect((await readModelConfig(folder)).eosTokenIds).toEqual([2]);
  });

  it.each([
    ['hidden_act', 'mish', /hidden_act is "mish", but only silu, swish, gelu/],
    ['model_type', 'mixtral', /model_type is "mixtral", but only "gemma3_text", "gpt2"/],
    ['attention_bias', 1, /attention_bias.*must be true or false/],
    ['rope_parameters', { rope_type: 'ntk', factor: 2 }, /rope_type is "ntk"/],
    ['rope_parameters', { rope_type: 'longrope', factor: 2 }, /short_factor: is missing/],
    ['hidden_size', -16, /hidden_size: must be a whole number from 1 to 1048576, is -16/],
    ['num_key_value_heads', 3, /must divide num_attention_heads \(4\), is 3/],
    ['head_dim', 5, /head_dim: must be even/],
    ['eos_token_id', 'x', /eos_token_id: must be a token id/],
    ['tie_word_embeddings', 'yes', /tie_word_embeddings: must be true or false/],
  ])('refuses a config whose %s is %j', async (field, value, message) => {
    const folder = await copyOfModel('untied');
    await rm(join(folder, 'generation_config.json'));
    await editJson(join(folder, 'config.json'), { [field]: value });
    await expect(readModelConfig(folder)).rejects.toThrow(message);
  });

  it('calls a config.json that is not JSON damaged', async () => {
    const folder = await copyOfModel('untied');
    await writeFile(join(folder, 'config.json'), '{');
    await expect(readModelConfig(folder)).rejects.toMatchObject({ code: 'DATA_LOSS' });
  });
});
