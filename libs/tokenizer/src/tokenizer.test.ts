import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IncrementalDecoder, Tokenizer } from './index.ts';
import { readTokenizerFiles } from './tokenizer-files.ts';
import { goldenModels, hasReferenceData, readGolden, referenceData, type TokenizerGolden } from './test-data.ts';

const skipSpecialTokens = true;
const own = ['untied', 'tied-llama3-rope'].map((name) => join(goldenModels, name));
const referenceModels = join(referenceData, 'golden/models');
// gpt2's folder and others differ only in architecture: their tokenizers are of interest all the same.
const reference = hasReferenceData
  ? readdirSync(referenceModels, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(referenceModels, name))
  : [];

async function expectEqual(tokenizer: Tokenizer, golden: TokenizerGolden): Promise<void> {
  for (const row of golden.encode) {
    expect(await tokenizer.encode(row.text, { addSpecialTokens: true })).toEqual(row.ids);
    expect(await tokenizer.encode(row.text, { addSpecialTokens: false })).toEqual(row.ids_no_special);
    expect(tokenizer.decode(row.ids_no_special, { skipSpecialTokens: false })).toBe(row.decoded_keep_special);
    expect(tokenizer.decode(row.ids_no_special, { skipSpecialTokens })).toBe(row.decoded_skip_special);
  }
  for (const row of golden.chat) {
    const options = { addGenerationPrompt: row.add_generation_prompt };
    if (row.error !== undefined) {
      expect(() => tokenizer.applyChatTemplate(row.messages, options)).toThrow(/the chat template refuses them/);
      continue;
    }
    expect(tokenizer.applyChatTemplate(row.messages, options)).toBe(row.text);
    expect(await tokenizer.encodeChat(row.messages, options)).toEqual(row.ids);
  }
  const { bosTokenId: bos, eosTokenId: eos, padTokenId: pad } = tokenizer;
  expect({ bos, eos, pad }).toEqual({ bos: golden.special.bos, eos: golden.special.eos, pad: golden.special.pad });
  expect(tokenizer.vocabSize).toBe(golden.len);
}

interface Special {
  readonly id: number;
  readonly text: string;
}

/** tokenizer.json with a post-processor that puts these tokens around every text. */
function withTemplate(
  files: Readonly<Record<string, Uint8Array>>,
  before: readonly Special[],
  after: readonly Special[],
): Uint8Array {
  const json = JSON.parse(new TextDecoder().decode(files['tokenizer.json'])) as object;
  const token = ({ text }: Special) => ({ SpecialToken: { id: text, type_id: 0 } });
  const single = [...before.map(token), { Sequence: { id: 'A', type_id: 0 } }, ...after.map(token)];
  const entries = [...before, ...after].map(({ id, text }) => [text, { id: text, ids: [id], tokens: [text] }]);
  const special_tokens: unknown = Object.fromEntries(entries);
  const post_processor = { type: 'TemplateProcessing', single, pair: [], special_tokens };
  return new TextEncoder().encode(JSON.stringify({ ...json, post_processor }));
}

describe('Tokenizer', () => {
  it.each(own)('encodes, decodes and renders chats as Hugging Face does: %s', async (folder) => {
    await expectEqual(await Tokenizer.fromFolder(folder), await readGolden(folder));
  });

  it.skipIf(!hasReferenceData)('does so for all reference tokenizers (set HONE_REFERENCE_DATA)', async () => {
    for (const folder of reference) {
      await expectEqual(await Tokenizer.fromFolder(join(folder, 'ref')), await readGolden(folder));
    }
    expect(reference.length).toBeGreaterThan(5);
  });

  it('a conversation has exactly one beginning-of-sequence token', async () => {
    const tokenizer = await Tokenizer.fromFolder(own[0]!);
    const chat = await tokenizer.encodeChat([{ role: 'user', content: 'one' }], { addGenerationPrompt: true });
    const text = await tokenizer.encode('one', { addSpecialTokens: true });
    expect(tokenizer.decode(text, { skipSpecialTokens })).toBe('one');
    for (const ids of [chat, text]) expect(ids.filter((id) => id === tokenizer.bosTokenId)).toHaveLength(1);
  });

  it('a prompt has exactly one beginning of sequence and no end, however the text and the files write them', async () => {
    const files = await readTokenizerFiles(own[0]!);
    const { bosTokenId, eosTokenId, decode } = await Tokenizer.fromFolder(own[0]!).then((tokenizer) => ({
      bosTokenId: tokenizer.bosTokenId!,
      eosTokenId: tokenizer.eosTokenId!,
      decode: (id: number) => tokenizer.decode([id], { skipSpecialTokens: false }),
    }));
    const [bos, eos] = [bosTokenId, eosTokenId].map((id) => ({ id, text: decode(id) }));
    for (const before of [[], [bos!]]) {
      for (const after of [[], [eos!]]) {
        const tokenizer = Tokenizer.fromFiles({ ...files, 'tokenizer.json': withTemplate(files, before, after) });
        const count = async (text: string, id: number) =>
          (await tokenizer.encodePrompt(text)).filter((other) => other === id).length;
        expect(await count('one', bosTokenId)).toBe(before.length);
        expect(await count(`${bos!.text}one`, bosTokenId)).toBe(1);
        expect(await count('one', eosTokenId)).toBe(0);
        // An end that the text spells out is its own.
        expect((await tokenizer.encodePrompt(`one${eos!.text}`)).at(-1)).toBe(eosTokenId);
      }
    }
  });

  it('decodes an empty list, and ids of a padded output layer, as nothing', async () => {
    const tokenizer = await Tokenizer.fromFolder(own[0]!);
    const ids = await tokenizer.encode('1+1', { addSpecialTokens: false });
    expect(tokenizer.decode([], { skipSpecialTokens })).toBe('');
    expect(tokenizer.decode([tokenizer.vocabSize + 1], { skipSpecialTokens })).toBe('');
    expect(tokenizer.decode(Int32Array.of(...ids, 63), { skipSpecialTokens })).toBe('1+1');
  });

  it('refuses ids that are no ids', async () => {
    const tokenizer = await Tokenizer.fromFolder(own[0]!);
    for (const id of [-1, 1.5, NaN]) {
      expect(() => tokenizer.decode([id], { skipSpecialTokens })).toThrow(/token_ids: \S+ is not a token id/);
    }
  });

  it('looks up tokens by their text', async () => {
    const tokenizer = await Tokenizer.fromFolder(own[1]!);
    expect(tokenizer.tokenId('<|im_end|>')).toBe(2);
    expect(tokenizer.tokenId('no such token')).toBeNull();
  });
});

const encoder = new TextEncoder();
const minimal = {
  'tokenizer.json': encoder.encode(
    JSON.stringify({
      version: '1.0',
      added_tokens: [
        { id: 2, content: '<s>', special: true, normalized: false, single_word: false, lstrip: false, rstrip: false },
      ],
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: { type: 'Fuse' },
      model: { type: 'BPE', vocab: { a: 0, b: 1, '<s>': 2 }, merges: [], unk_token: null },
    }),
  ),
};

describe('tokenizer files', () => {
  it('only tokenizer.json is needed', async () => {
    const tokenizer = Tokenizer.fromFiles(minimal);
    expect(await tokenizer.encode('abba', { addSpecialTokens: true })).toEqual([0, 1, 1, 0]);
    expect(tokenizer).toMatchObject({ bosTokenId: null, eosTokenId: null, padTokenId: null, chatTemplate: null });
  });

  it('a tokenizer without chat template says so when one is asked for', () => {
    const render = (): string =>
      Tokenizer.fromFiles(minimal, 'tiny').applyChatTemplate([{ role: 'user', content: '' }], {
        addGenerationPrompt: true,
      });
    expect(render).toThrow(/chat template of tiny not found: add chat_template\.jinja/);
  });

  it('reads special tokens as text, as objects, and from special_tokens_map.json', () => {
    const config = encoder.encode(JSON.stringify({ bos_token: { content: '<s>' }, eos_token: null }));
    const map = encoder.encode(JSON.stringify({ eos_token: 'a', bos_token: 'b' }));
    const files = { ...minimal, 'tokenizer_config.json': config, 'special_tokens_map.json': map };
    expect(Tokenizer.fromFiles(files)).toMatchObject({ bosTokenId: 2, eosTokenId: 0 });
  });

  it('a template is told the date of the config, and the same one where it has none', () => {
    const rendered = (config: object) =>
      Tokenizer.fromFiles({
        ...minimal,
        'chat_template.jinja': encoder.encode('{{ strftime_now("%Y-%m-%d") }}'),
        'tokenizer_config.json': encoder.encode(JSON.stringify(config)),
      }).renderChat([{ role: 'user', content: '' }], { addGenerationPrompt: true });
    expect(rendered({})).toEqual({ text: '2024-07-26', date: '2024-07-26' });
    expect(rendered({ template_date: '2031-02-03' })).toEqual({ text: '2031-02-03', date: '2031-02-03' });
    expect(() => rendered({ template_date: 'today' })).toThrow(/template_date must be a date, YYYY-MM-DD/);
  });

  it('takes the template named default from a list, and the file before the field', () => {
    const templates = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'plain {{ bos_token }}' },
    ];
    const config = encoder.encode(JSON.stringify({ chat_template: templates, bos_token: '<s>' }));
    const files = { ...minimal, 'tokenizer_config.json': config };
    expect(
      Tokenizer.fromFiles(files).applyChatTemplate([{ role: 'user', content: '' }], { addGenerationPrompt: false }),
    ).toBe('plain <s>');
    const withFile = { ...files, 'chat_template.jinja': encoder.encode('file') };
    expect(Tokenizer.fromFiles(withFile).chatTemplate).toBe('file');
  });

  it.each([
    ['tokenizer.json is missing', {}, 'NOT_FOUND', /tokenizer\.json not found/],
    ['it is not JSON', { 'tokenizer.json': encoder.encode('{') }, 'DATA_LOSS', /tokenizer\.json: is not JSON/],
    ['it is no tokenizer', { 'tokenizer.json': encoder.encode('{}') }, 'DATA_LOSS', /tokenizer\.json: cannot be used/],
    [
      'a special token is not in the vocabulary',
      { ...minimal, 'tokenizer_config.json': encoder.encode('{"eos_token": "<end>"}') },
      'DATA_LOSS',
      /eos_token is "<end>", which is not in tokenizer\.json/,
    ],
  ] as const)('%s: one clear error', (_name, files, code, message) => {
    expect(() => Tokenizer.fromFiles(files, 'folder')).toThrow(message);
    expect(() => Tokenizer.fromFiles(files, 'folder')).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('a template that is not Jinja is damaged', () => {
    const tokenizer = Tokenizer.fromFiles({ ...minimal, 'chat_template.jinja': encoder.encode('{% for %}') });
    expect(() => tokenizer.applyChatTemplate([{ role: 'user', content: '' }], { addGenerationPrompt: false })).toThrow(
      /is not valid Jinja/,
    );
  });
});

describe('IncrementalDecoder', () => {
  const text = 'Tom has 12 apples: café, 你好 😀👨‍👩‍👧 — done.';

  it.each(own)('gives the same text as decoding at once, and never half a character: %s', async (folder) => {
    const tokenizer = await Tokenizer.fromFolder(folder);
    const ids = await tokenizer.encode(text, { addSpecialTokens: true });
    const decoder = new IncrementalDecoder(tokenizer, { skipSpecialTokens });
    const pieces = ids.map((id) => decoder.push(id));
    expect(pieces.join('')).not.toContain('\uFFFD');
    expect(pieces.join('') + decoder.flush()).toBe(tokenizer.decode(ids, { skipSpecialTokens }));
  });

  it('gives out an unfinished character as U+FFFD at the end only', async () => {
    const tokenizer = await Tokenizer.fromFolder(own[1]!);
    const ids = (await tokenizer.encode('a😀', { addSpecialTokens: false })).slice(0, -1);
    const decoder = new IncrementalDecoder(tokenizer, { skipSpecialTokens });
    expect(ids.map((id) => decoder.push(id)).join('')).toBe('a');
    expect(decoder.flush()).toContain('\uFFFD');
    expect(decoder.flush()).toBe('');
  });

  it('streams what the reference tokenizers decode, leading blanks included', async () => {
    for (const folder of reference) {
      const tokenizer = await Tokenizer.fromFolder(join(folder, 'ref'));
      for (const { ids } of (await readGolden(folder)).encode) {
        const decoder = new IncrementalDecoder(tokenizer, { skipSpecialTokens });
        const streamed = ids.map((id) => decoder.push(id)).join('') + decoder.flush();
        expect(streamed).toBe(tokenizer.decode(ids, { skipSpecialTokens }));
      }
    }
  });
});
