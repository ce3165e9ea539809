import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModelConfig } from '@hone/checkpoint';
import { PreferenceGroup } from '@hone/contracts';
import { describe, expect, test } from 'vitest';
import { ExampleTokenizer } from './example-tokenizer.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const reference = path.resolve(root, process.env['HONE_REFERENCE_DATA'] ?? '../shared', 'golden');

const open = async (folder: string): Promise<ExampleTokenizer> =>
  ExampleTokenizer.open(folder, await readModelConfig(folder));

/** Prompt, chosen and rejected as token ids. */
async function encode(
  tokenizer: ExampleTokenizer,
  promptText: string,
  chosen: string,
  rejected: string,
): Promise<number[][]> {
  const completions = [{ text: chosen }, { text: rejected }];
  const group = PreferenceGroup.fromPartial({ promptText, completions, pairs: [{ chosen: 0, rejected: 1 }] });
  const [pair] = await tokenizer.encodePairs(group);
  return [pair!.promptTokenIds, ...pair!.completions.map(({ tokenIds }) => tokenIds)].map((ids) => [...ids]);
}

const ownModel = path.join(root, 'test/golden/models/tied-llama3-rope');
const EOS = 2;

test('prompt and completion are tokenised together, and the completion ends with one end-of-sequence token', async () => {
  const tokenizer = await open(ownModel);
  const [prompt, chosen, rejected] = await encode(tokenizer, 'Answer:', ' 1', ' 2<|im_end|>');
  const [whole] = await encode(tokenizer, 'Answer: 1', '', '');
  expect([...prompt!, ...chosen!]).toEqual([...whole!, EOS]);
  expect(rejected!.filter((id) => id === EOS)).toEqual([EOS]);
  expect(rejected!.at(-1)).toBe(EOS);
});

test('a token across the border is of the completion, on both sides', async () => {
  const tokenizer = await open(ownModel);
  const [alone] = await encode(tokenizer, 'a Th', '', '');
  const [whole] = await encode(tokenizer, 'a The a', '', '');
  const [prompt, chosen, rejected] = await encode(tokenizer, 'a Th', 'e a', 'x');
  expect(prompt!.length).toBeLessThan(alone!.length);
  expect([...prompt!, ...chosen!]).toEqual([...whole!, EOS]);
  expect([...prompt!, ...rejected!].slice(0, alone!.length)).toEqual(alone);
});

test('pairs with the same prompt tokens stay together, and others get a group of their own', async () => {
  const tokenizer = await open(ownModel);
  const completions = [{ text: 'e a' }, { text: 'x' }, { text: 'y' }];
  const pairs = [
    { chosen: 1, rejected: 2 },
    { chosen: 0, rejected: 1 },
    { chosen: 2, rejected: 1 },
  ];
  const group = PreferenceGroup.fromPartial({ promptText: 'a Th', completions, pairs });
  expect((await tokenizer.encodePairs(group)).map((it) => it.pairs)).toEqual([[pairs[0], pairs[2]], [pairs[1]]]);
});

test('a prompt of which no token is left is refused by name', async () => {
  const tokenizer = await open(ownModel);
  await expect(encode(tokenizer, 'Th', 'e a', 'x')).rejects.toThrow(/problem "".* no token of its own/);
});

interface TokenisedPair {
  readonly prompt_ids: number[];
  readonly chosen_ids: number[];
  readonly rejected_ids: number[];
}
interface TextPair {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
}
const idsOf = (pair: TokenisedPair): number[][] => [pair.prompt_ids, pair.chosen_ids, pair.rejected_ids];
const readJson = async <Json>(...names: string[]): Promise<Json> =>
  JSON.parse(await readFile(path.join(reference, ...names), 'utf8')) as Json;

const models = ['micro', 'llama-gqa', 'llama3rope-tied', 'mistral-swa', 'qwen2-bias', 'qwen3-qknorm', 'gpt2'];

describe.skipIf(!existsSync(path.join(reference, 'train')))('as TRL does', () => {
  test.each(models)('the pairs of %s', async (model) => {
    const tokenizer = await open(path.join(reference, 'models', model, 'ref'));
    const { pairs } = await readJson<{ pairs: (TextPair & TokenisedPair)[] }>('train', model, 'pairs_trl.json');
    expect(pairs.length).toBeGreaterThan(0);
    for (const pair of pairs) {
      expect(await encode(tokenizer, pair.prompt, pair.chosen, pair.rejected)).toEqual(idsOf(pair));
    }
  });

  test('tokens across the border, texts that end already, and empty ones', async () => {
    const tokenizer = await open(path.join(reference, 'models/micro/ref'));
    const file = await readJson<{ edge_plain: (TokenisedPair & { inp: TextPair })[] }>(
      'train/micro/trl_tokenization_extra.json',
    );
    expect(file.edge_plain.length).toBeGreaterThan(0);
    for (const { inp, ...ids } of file.edge_plain) {
      expect(await encode(tokenizer, inp.prompt, inp.chosen, inp.rejected), JSON.stringify(inp)).toEqual(idsOf(ids));
    }
  });
});
