import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer } from '@hone/tokenizer';
import { expect, it } from 'vitest';
import { referenceData } from '../test-data.ts';
import type { GgufFile } from './gguf-file.ts';
import { GgufMetadata } from './gguf-file.ts';
import { tokenizerFromGguf } from './gguf-tokenizer.ts';

const BYTES = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);

/** A GGUF file's tokenizer whose pieces have scores in their order, as SentencePiece writes them. */
function tokenizerOf(tokens: readonly string[], more: Record<string, unknown> = {}): Tokenizer {
  const types = tokens.map((token, id) => (id === 0 ? 2 : id < 3 ? 3 : BYTES.includes(token) ? 6 : 1));
  const metadata = new GgufMetadata(
    {
      'general.architecture': 'llama',
      'llama.context_length': 64,
      'tokenizer.ggml.model': 'llama',
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.token_type': types,
      // Runs of blanks are joined last.
      'tokenizer.ggml.scores': tokens.map((token, id) => (id < 259 ? 0 : -id - (/^▁+$/.test(token) ? 1e6 : 0))),
      'tokenizer.ggml.bos_token_id': 1,
      'tokenizer.ggml.eos_token_id': 2,
      'tokenizer.ggml.unknown_token_id': 0,
      ...more,
    },
    'a.gguf',
  );
  return Tokenizer.fromFiles(tokenizerFromGguf({ metadata, file: 'a.gguf' } as GgufFile));
}

const SMALL = ['<unk>', '<s>', '</s>', ...BYTES, '▁a', 'b', 'c', 'bc', '▁abc', '▁', 'a', 'ab'];
const id = (token: string): number => SMALL.indexOf(token);

it('joins the neighbours whose joined piece has the best score; what has no piece is bytes', async () => {
  const tokenizer = tokenizerOf(SMALL);
  const encode = (text: string) => tokenizer.encode(text, { addSpecialTokens: true });
  expect(await encode('abc')).toEqual([1, id('▁abc')]);
  expect(await encode('a bc')).toEqual([1, id('▁a'), id('▁'), id('bc')]);
  expect(await encode('é')).toEqual([1, id('▁'), id('<0xC3>'), id('<0xA9>')]);
  expect(tokenizer.decode(await encode('a bcé'), { skipSpecialTokens: true })).toBe('a bcé');
});

it('keeps to add_bos_token and add_space_prefix', async () => {
  const plain = { 'tokenizer.ggml.add_bos_token': false, 'tokenizer.ggml.add_space_prefix': false };
  const tokenizer = tokenizerOf(SMALL, plain);
  expect(await tokenizer.encode('bc', { addSpecialTokens: true })).toEqual([id('bc')]);
});

const mistral = join(referenceData, 'data/tokenizers/mistral-v1');
it.skipIf(!existsSync(mistral))("encodes as Mistral's own tokenizer does (set HONE_REFERENCE_DATA)", async () => {
  const { model } = JSON.parse(await readFile(join(mistral, 'tokenizer.json'), 'utf8')) as {
    model: { vocab: Record<string, number> };
  };
  const tokens = Object.entries(model.vocab).sort(([, a], [, b]) => a - b);
  const built = tokenizerOf(tokens.map(([token]) => token));
  const own = await Tokenizer.fromFolder(mistral);
  const problems = await readFile(join(referenceData, 'data/math/math500.jsonl'), 'utf8');
  for (const line of [...problems.split('\n').slice(0, 200), '  two  blanks', '你好 é 🙂', '\n\n', '']) {
    const ids = await own.encode(line, { addSpecialTokens: true });
    expect(await built.encode(line, { addSpecialTokens: true })).toEqual(ids);
    expect(built.decode(ids, { skipSpecialTokens: true })).toBe(own.decode(ids, { skipSpecialTokens: true }));
  }
});
