import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@hone/tokenizer';
import { describe, expect, it } from 'vitest';
import { checkpointFromGguf } from '../index.ts';
import { golden, temporaryFolder } from '../test-data.ts';
import { GgufFile } from './gguf-file.ts';

const families = join(golden, 'gguf/families');

/** A copy of a golden file, its bytes changed. */
async function changed(name: string, change: (bytes: Buffer) => void): Promise<string> {
  const file = join(await temporaryFolder(), name);
  const bytes = await readFile(join(families, name));
  change(bytes);
  await writeFile(file, bytes);
  return file;
}

/** Where the value of a key begins: behind the key is its type, and behind that of a text its length. */
const valueOf = (bytes: Buffer, key: string): number => bytes.indexOf(key) + key.length + 4;

describe('GGUF of each family', () => {
  it.each([
    ['llama3', { architecture: 'llama', headDim: 8, tieWordEmbeddings: true }, { theta: 500_000 }],
    ['qwen2', { architecture: 'qwen2', headDim: 4, tieWordEmbeddings: true }, { scaling: null }],
    ['qwen3', { architecture: 'qwen3', headDim: 6, tieWordEmbeddings: false }, { scaling: null }],
    ['gpt2', { architecture: 'gpt2', headDim: 4, intermediateSize: 20, maxPositionEmbeddings: 64 }, null],
  ])('%s: the config comes from the metadata', async (name, expected, rope) => {
    const { config, weights } = await checkpointFromGguf(join(families, `${name}.gguf`));
    expect(config).toMatchObject(expected);
    for (const layer of config.layers) expect(layer.rope).toEqual(rope && (expect.objectContaining(rope) as object));
    const headNorm = weights.specs.find(({ name }) => name.endsWith('.q_norm.weight'));
    expect(headNorm?.shape).toEqual(name === 'qwen3' ? [6] : undefined);
  });

  it.each([
    ['olmo2', { architecture: 'olmo2', normEps: expect.closeTo(1e-5, 9) as number }, [null, null], 1e4],
    ['olmo3', { architecture: 'olmo3' }, [null, 5], 5e5],
    ['phi3', { architecture: 'phi3', maxPositionEmbeddings: 64 }, [5, 5], 1e4],
    ['phi3-longrope', { architecture: 'phi3', maxPositionEmbeddings: 32, headDim: 10 }, [null, null], 5e3],
    ['gemma3', { architecture: 'gemma3_text', headDim: 6, activation: 'gelu-tanh' }, [5, 5, 5, 5, 5, null], 1e4],
  ])('%s: windows and rotary embedding come from the metadata', async (name, expected, windows, theta) => {
    const { config } = await checkpointFromGguf(join(families, `${name}.gguf`));
    expect(config).toMatchObject(expected);
    expect(config.layers.map(({ window }) => window)).toEqual(windows);
    expect(config.layers[0]!.rope!.theta).toBe(theta);
  });

  it("Phi-3's factors for long contexts are LongRoPE's, of the part of each head that is turned", async () => {
    const { config } = await checkpointFromGguf(join(families, 'phi3-longrope.gguf'));
    const attentionFactor = expect.closeTo(Math.sqrt(1 + Math.log(2) / Math.log(32)), 5) as number;
    expect(config.layers[0]!.rope).toMatchObject({
      turnedDims: 8,
      scaling: {
        type: 'longrope',
        shortFactors: [1, 1.25, 1.5, 2],
        attentionFactor,
        originalMaxPositionEmbeddings: 32,
      },
    });
  });

  it("weights of Gemma's norms are stored with the 1 that they are multiplied with", async () => {
    const { weights } = await checkpointFromGguf(join(families, 'gemma3.gguf'));
    const { flat, specs } = weights;
    const norms = specs.filter(({ role }) => role === 'offset-norm');
    const mean = (spec: (typeof specs)[number]): number =>
      flat.subarray(spec.offset, spec.offset + spec.length).reduce((sum, value) => sum + value, 0) / spec.length;
    // Norms of the golden models are about 1, so those that are stored are about 2.
    expect(norms).toHaveLength(6 * 6 + 1);
    for (const norm of norms) expect(Math.abs(mean(norm) - 1)).toBeLessThan(0.4);
  });

  it("recognises factors of rotary frequencies as Llama 3's scaling", async () => {
    const { config } = await checkpointFromGguf(join(families, 'llama3.gguf'));
    expect(config.layers[0]!.rope!.scaling).toEqual({
      type: 'llama3',
      factor: 8,
      lowFreqFactor: 1,
      highFreqFactor: 4,
      originalMaxPositionEmbeddings: 8192,
    });
  });

  it('refuses other factors', async () => {
    const source = await GgufFile.open(join(families, 'llama3.gguf'));
    const { position } = source.tensors.get('rope_freqs.weight')!;
    await source.close();
    const file = await changed('llama3.gguf', (bytes) => bytes.writeFloatLE(1.5, position));
    await expect(checkpointFromGguf(file)).rejects.toThrow(
      /rope_freqs\.weight holds other factors.*config\.json beside/,
    );
  });

  it('texts of llama-bpe begin with BOS where the file does not say, as in llama.cpp', async () => {
    const begins = async (name: string): Promise<boolean> => {
      const { tokenizerFiles, config } = await checkpointFromGguf(join(families, `${name}.gguf`));
      const ids = await Tokenizer.fromFiles(tokenizerFiles).encodePrompt('Tom has 12 apples.');
      return ids[0] === config.bosTokenId;
    };
    expect(await begins('llama3')).toBe(true);
    expect(await begins('qwen2')).toBe(false);
  });

  it('names architectures, types and keys that are not read', async () => {
    const architecture = await changed('qwen2.gguf', (bytes) => {
      bytes.write('qwenX', valueOf(bytes, 'general.architecture') + 8);
    });
    await expect(checkpointFromGguf(architecture)).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      message: expect.stringMatching(
        /general\.architecture is "qwenX", but only gemma3, gpt2, llama, olmo2, phi3, qwen2, qwen3 are/,
      ) as string,
    });
    const quantised = await changed('qwen2.gguf', (bytes) => {
      const dimensions = bytes.indexOf('blk.0.ffn_up.weight') + 'blk.0.ffn_up.weight'.length;
      bytes.writeUInt32LE(12, dimensions + 4 + 2 * 8);
    });
    await expect(checkpointFromGguf(quantised)).rejects.toThrow(
      /blk\.0\.ffn_up\.weight is quantised as Q4_K, but only/,
    );
    const key = await changed(
      'qwen2.gguf',
      (bytes) => void bytes.write('Y', bytes.indexOf('qwen2.rope.freq_base') + 19),
    );
    await expect(checkpointFromGguf(key)).rejects.toThrow(
      /qwen2\.rope\.freq_basY is .*, a key that Hone does not know/,
    );
  });

  it('refuses a config.json of another family beside the file', async () => {
    const file = await changed('qwen2.gguf', () => undefined);
    await cp(join(golden, 'models/untied/config.json'), join(file, '../config.json'));
    await expect(checkpointFromGguf(file)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/config\.json: is of a llama model/) as string,
    });
  });

  it.each([
    ['block_count', 'gpt2.block_count', 'num_hidden_layers|n_layer'],
    ['head_count', 'gpt2.attention.head_count', 'n_head'],
    ['eos_token_id', 'tokenizer.ggml.eos_token_id', 'eos_token_id'],
  ])('a %s of 2^31 is refused by name', async (_name, key, field) => {
    const file = await changed('gpt2.gguf', (bytes) => bytes.writeUInt32LE(2 ** 31, valueOf(bytes, key)));
    const message = expect.stringMatching(new RegExp(field)) as string;
    await expect(checkpointFromGguf(file)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message });
  });

  it('counts that lie are refused before memory is taken', async () => {
    for (const at of [8, 16]) {
      const file = await changed('gpt2.gguf', (bytes) => bytes.writeBigUInt64LE(2n ** 60n, at));
      await expect(checkpointFromGguf(file)).rejects.toThrow(/count 1152921504606846976 exceeds/);
    }
  });
});
