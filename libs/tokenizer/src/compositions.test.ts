import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Tokenizer } from './index.ts';
import { golden } from './test-data.ts';

/** ids with and without special tokens, text of the former, and without its special tokens. */
type Row = readonly [number[], number[], string, string];
interface Compositions {
  readonly texts: readonly string[];
  readonly tokenizers: Readonly<
    Record<string, { tokenizer: JsonFile; config: JsonFile; length: number; rows: readonly Row[] }>
  >;
}
type JsonFile = Readonly<Record<string, unknown>>;

const { texts, tokenizers } = JSON.parse(
  readFileSync(join(golden, 'tokenizers/compositions.json'), 'utf8'),
) as Compositions;
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const build = (tokenizer: JsonFile, config: JsonFile = {}): Tokenizer =>
  Tokenizer.fromFiles({ 'tokenizer.json': bytes(tokenizer), 'tokenizer_config.json': bytes(config) }, 'folder');

describe('every part of tokenizer.json', () => {
  it.each(Object.keys(tokenizers))('is read as Transformers reads it: %s', async (name) => {
    const { tokenizer: file, config, length, rows } = tokenizers[name]!;
    const tokenizer = build(file, config);
    expect(tokenizer.vocabSize).toBe(length);
    for (const [index, [whole, ids, kept, skipped]] of rows.entries()) {
      expect(await tokenizer.encode(texts[index]!, { addSpecialTokens: true })).toEqual(whole);
      expect(await tokenizer.encode(texts[index]!, { addSpecialTokens: false })).toEqual(ids);
      expect(tokenizer.decode(whole, { skipSpecialTokens: false })).toBe(kept);
      expect(tokenizer.decode(whole, { skipSpecialTokens: true })).toBe(skipped);
    }
  });
});

describe('what cannot be used', () => {
  const base = tokenizers['WordLevel']!.tokenizer;
  it.each([
    ['normalizer', { type: 'Sequence', normalizers: [{ type: 'Rot13' }] }, /normalizer type "Rot13" is not known/],
    ['pre_tokenizer', { type: 'Morphemes' }, /pre_tokenizer type "Morphemes" is not known/],
    ['decoder', { type: 'Morse' }, /decoder type "Morse" is not known/],
    ['post_processor', { type: 'Rhyme' }, /post_processor type "Rhyme" is not known/],
    ['model', { type: 'Neural', vocab: {} }, /model type "Neural" is not known/],
    ['normalizer', { type: 'Precompiled', precompiled_charsmap: '/////w==' }, /precompiled_charsmap is no table/],
    ['pre_tokenizer', { type: 'Digits', individual_digits: 'no' }, /cannot be used/],
  ])('is refused by name: %s %j', (section, part, message) => {
    expect(() => build({ ...base, [section]: part })).toThrow(message);
    expect(() => build({ ...base, [section]: part })).toThrow(/^folder\/tokenizer\.json/);
  });

  it('special tokens that are to be read as text', () => {
    expect(() => build(base, { split_special_tokens: true })).toThrow(/split_special_tokens/);
  });
});

describe('texts of any kind', () => {
  it('a lone surrogate is read as U+FFFD', async () => {
    const { tokenizer: file } = tokenizers['pre-tokenizer ByteLevel']!;
    const tokenizer = build(file);
    const ids = await tokenizer.encode('a\ud800b', { addSpecialTokens: false });
    expect(ids).toEqual(await tokenizer.encode('a\ufffdb', { addSpecialTokens: false }));
  });

  it('dropout, which is for training a tokenizer, does not make encoding random', async () => {
    const { tokenizer: file, rows } = tokenizers['BPE unfused']!;
    const model = { ...(file['model'] as JsonFile), dropout: 0.9 };
    const tokenizer = build({ ...file, model });
    for (const [index, [whole]] of rows.entries()) {
      expect(await tokenizer.encode(texts[index]!, { addSpecialTokens: true })).toEqual(whole);
    }
  });
});
