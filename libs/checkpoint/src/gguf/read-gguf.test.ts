import { createHash } from 'node:crypto';
import { cp, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@hone/tokenizer';
import { describe, expect, it } from 'vitest';
import { checkpointFromGguf, readModelFolder, weightView } from '../index.ts';
import { golden, hasReferenceData, referenceData, temporaryFolder } from '../test-data.ts';

const tiny = join(golden, 'gguf/tiny.gguf');

async function copyOfTiny(): Promise<string> {
  const file = join(await temporaryFolder(), 'tiny.gguf');
  await cp(tiny, file);
  return file;
}

describe('checkpointFromGguf', () => {
  it('de-quantises F32, F16, Q8_0, Q4_0 and Q4_1 to the same bits as gguf-py, q and k in Hugging Face order', async () => {
    const { weights } = await checkpointFromGguf(tiny, { shared: true });
    const digests = Object.fromEntries(
      weights.specs.map(({ name }) => [name, createHash('sha256').update(weightView(weights, name)).digest('hex')]),
    );
    expect(digests).toEqual(JSON.parse(await readFile(join(golden, 'gguf/sha256_golden.json'), 'utf8')));
  });

  it('makes the config from the metadata', async () => {
    const { config, generationConfig } = await checkpointFromGguf(tiny);
    expect(config).toMatchObject({
      hiddenSize: 32,
      intermediateSize: 32,
      numLayers: 1,
      numAttentionHeads: 4,
      numKeyValueHeads: 2,
      headDim: 8,
      vocabSize: 300,
      maxPositionEmbeddings: 128,
      layers: [{ window: null, rope: { theta: 10000, scaling: null } }],
      tieWordEmbeddings: false,
      bosTokenId: 1,
      eosTokenIds: [2],
      padTokenId: 2,
    });
    expect(config.normEps).toBeCloseTo(1e-5, 10);
    expect(generationConfig).toEqual({ bos_token_id: 1, eos_token_id: 2, pad_token_id: 2 });
  });

  it('builds the tokenizer from the metadata: same vocabulary, merges and template as its source', async () => {
    const { tokenizerFiles } = await checkpointFromGguf(tiny);
    const source = join(golden, 'models/tied-llama3-rope');
    const built = parse(tokenizerFiles['tokenizer.json']!);
    const original = parse(await readFile(join(source, 'tokenizer.json')));
    expect(built.model.vocab).toEqual(original.model.vocab);
    expect(built.model.merges).toEqual(original.model.merges);
    expect(built.added_tokens).toEqual(original.added_tokens);
    expect(Buffer.from(tokenizerFiles['chat_template.jinja']!)).toEqual(
      await readFile(join(source, 'chat_template.jinja')),
    );
    expect(JSON.parse(new TextDecoder().decode(tokenizerFiles['tokenizer_config.json']))).toMatchObject({
      bos_token: '<|im_start|>',
      eos_token: '<|im_end|>',
    });
  });

  it('builds a tokenizer that encodes as its source does', async () => {
    const built = Tokenizer.fromFiles((await checkpointFromGguf(tiny)).tokenizerFiles);
    const source = await Tokenizer.fromFolder(join(golden, 'models/tied-llama3-rope'));
    for (const text of ['Tom has 12 apples.', "  it's\t1,234\n\n<|im_start|>user é 你好", '']) {
      const options = { addSpecialTokens: true };
      expect(await built.encode(text, options)).toEqual(await source.encode(text, options));
    }
    expect(built).toMatchObject({ bosTokenId: 1, eosTokenId: 2, padTokenId: 2, chatTemplate: source.chatTemplate });
  });

  it('prefers the tokenizer that lies beside the file', async () => {
    const file = await copyOfTiny();
    const beside = join(golden, 'models/untied/tokenizer.json');
    await cp(beside, join(file, '../tokenizer.json'));
    const { tokenizerFiles } = await checkpointFromGguf(file);
    expect(tokenizerFiles).toEqual({ 'tokenizer.json': await readFile(beside) });
  });

  it('names what is wrong with a damaged file', async () => {
    const file = await copyOfTiny();
    const bytes = await readFile(file);
    await truncate(file, bytes.length - 10);
    await expect(checkpointFromGguf(file)).rejects.toThrow(/tiny\.gguf: is truncated: tensor \S+ ends past its end/);
    await truncate(file, 200);
    await expect(checkpointFromGguf(file)).rejects.toMatchObject({ code: 'DATA_LOSS' });
    await writeFile(file, 'not a model');
    await expect(checkpointFromGguf(file)).rejects.toThrow(/is not a GGUF file/);
    await writeFile(file, replaceOnce(bytes, 'general.architecture', 'general.architectxxx'));
    await expect(checkpointFromGguf(file)).rejects.toThrow(/lacks general\.architecture/);
    await writeFile(file, replaceOnce(bytes, 'blk.0.ffn_up.weight', 'blk.9.ffn_up.weight'));
    await expect(checkpointFromGguf(file)).rejects.toThrow(/tensor blk\.0\.ffn_up\.weight is missing/);
    await writeFile(file, replaceOnce(bytes, 'smollm', 'qqqqqq'));
    await expect(checkpointFromGguf(file)).rejects.toThrow(
      /unknown tokenizer scheme "qqqqqq"; put the model's tokenizer/,
    );
  });
});

describe('readModelFolder', () => {
  it('reads a folder, a GGUF file, and a folder with one GGUF file', async () => {
    const fromFile = await readModelFolder(tiny);
    const fromFolder = await readModelFolder(join(golden, 'gguf'));
    expect(fromFolder.weights.flat).toEqual(fromFile.weights.flat);
    expect((await readModelFolder(join(golden, 'models/untied'))).config.vocabSize).toBe(64);
  });

  it('says what it wants where the path is no model', async () => {
    await expect(readModelFolder('/no/such/model')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(readModelFolder(join(golden, 'README.md'))).rejects.toThrow(/neither a model folder nor a \.gguf/);
    await expect(readModelFolder(await temporaryFolder())).rejects.toThrow(/config\.json not found/);
    const file = await copyOfTiny();
    await cp(file, join(file, '../other.gguf'));
    await expect(readModelFolder(join(file, '..'))).rejects.toThrow(/name one of other\.gguf, tiny\.gguf/);
  });

  it.skipIf(!hasReferenceData)('reads SmolLM2-135M-Instruct in Q4_1 (set HONE_REFERENCE_DATA)', async () => {
    const folder = join(referenceData, 'data/models/smollm2-135m-instruct');
    const { weights, config, tokenizerFiles } = await readModelFolder(folder);
    expect(weights.flat.length).toBe(134_515_008);
    expect(config).toMatchObject({ numLayers: 30, tieWordEmbeddings: true, eosTokenIds: [2] });
    const built = Tokenizer.fromFiles(tokenizerFiles);
    const reference = await Tokenizer.fromFolder(join(referenceData, 'data/tokenizers/smollm2'));
    expect(built.vocabSize).toBe(reference.vocabSize);
    // The reference was made by Transformers from this file, which does not cut off single digits as the model's own
    // tokenizer does; that shows only where several blanks stand before a digit.
    const problems = await readFile(join(referenceData, 'data/math/math500.jsonl'), 'utf8');
    for (const line of problems
      .replaceAll(/ +(?=\d)/g, ' ')
      .split('\n')
      .slice(0, 100)) {
      const options = { addSpecialTokens: true };
      expect(await built.encode(line, options)).toEqual(await reference.encode(line, options));
    }
  });
});

interface TokenizerJson {
  readonly added_tokens: unknown;
  readonly model: { readonly vocab: unknown; readonly merges: unknown };
}

function parse(bytes: Uint8Array): TokenizerJson {
  return JSON.parse(new TextDecoder().decode(bytes)) as TokenizerJson;
}

function replaceOnce(bytes: Buffer, from: string, to: string): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf(from);
  copy.write(to, at, 'latin1');
  return copy;
}
