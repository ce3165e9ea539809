import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModelConfig } from '@hone/checkpoint';
import { type Chat, Example, PreferenceGroup } from '@hone/contracts';
import { Tokenizer } from '@hone/tokenizer';
import { describe, expect, test } from 'vitest';
import { ExampleTokenizer } from './example-tokenizer.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
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

test('a text behind given tokens is cut as behind their text, and by itself where they do not come of it', async () => {
  const tokenizer = await open(ownModel);
  const [prompt, chosen] = await encode(tokenizer, 'Answer:', ' 1', ' 2');
  const behind = async (tokens: number[], text: string): Promise<number[]> => [
    ...(await tokenizer.encodeBehind(Int32Array.from(tokens), text, 'it')),
  ];
  expect(await behind(prompt!, ' 1')).toEqual(chosen);
  const [alone] = await encode(tokenizer, 'a Th', '', '');
  const text = Tokenizer.fromFolder(ownModel);
  const own = await (await text).encode('e a', { addSpecialTokens: false });
  expect(await behind(alone!, 'e a')).toEqual([...own, EOS]);
  expect(await behind(prompt!, ' 1<|im_end|>')).toEqual(chosen);
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

const turn = (role: string, content: string) => ({ messages: [{ role, content }] });

test('a chat ends as its template ends it, and its prompt with the opening of the turn that is learned', async () => {
  const tokenizer = await open(ownModel);
  const [prompt, chosen, rejected] = await encodeChat(tokenizer, turn('user', 'hi'), 'one', 'two');
  const text = Tokenizer.fromFolder(ownModel);
  const ids = async (shown: string): Promise<number[]> => (await text).encode(shown, { addSpecialTokens: false });
  expect(prompt).toEqual(await ids('<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n'));
  expect(chosen).toEqual(await ids('one<|im_end|>\n'));
  expect(rejected).toEqual(await ids('two<|im_end|>\n'));
});

test('the chat of an example is tokenised as that of a pair', async () => {
  const tokenizer = await open(ownModel);
  const [prompt, chosen] = await encodeChat(tokenizer, turn('user', 'hi'), 'one', 'two');
  const example = Example.fromPartial({ promptChat: turn('user', 'hi'), completionChat: turn('assistant', 'one') });
  const { promptTokenIds, completionTokenIds } = await tokenizer.encode(example);
  expect([[...promptTokenIds], [...completionTokenIds]]).toEqual([prompt, chosen]);
});

test("texts end with the tokenizer's own token, whatever the model's list of ends begins with", async () => {
  const config = { ...(await readModelConfig(ownModel)), eosTokenIds: [0, EOS] };
  const tokenizer = await ExampleTokenizer.open(ownModel, config);
  const [, chosen, rejected] = await encode(tokenizer, 'Answer:', ' 1', ' 2');
  expect([chosen!.at(-1), rejected!.at(-1)]).toEqual([EOS, EOS]);
  const { completionTokenIds } = await tokenizer.encode(
    Example.fromPartial({ promptText: 'Answer:', completionText: ' 1' }),
  );
  expect([...completionTokenIds]).toEqual(chosen);
});

test('an empty prompt is the beginning of the sequence, and refused where there is none', async () => {
  const withBos = await open(path.join(root, 'test/golden/models/untied'));
  const [prompt, chosen] = await encode(withBos, '', ' 4', ' 5');
  expect(prompt).toEqual([1]);
  expect(chosen!.length).toBeGreaterThan(1);
  await expect(encode(await open(ownModel), '', ' 4', ' 5')).rejects.toThrow(/no token of its own/);
});

async function encodeChat(tokenizer: ExampleTokenizer, promptChat: Chat, chosen: string, rejected: string) {
  const completions = [chosen, rejected].map((text) => ({ chat: turn('assistant', text) }));
  const group = PreferenceGroup.fromPartial({ promptChat, completions, pairs: [{ chosen: 0, rejected: 1 }] });
  const [pair] = await tokenizer.encodePairs(group);
  return [pair!.promptTokenIds, ...pair!.completions.map(({ tokenIds }) => tokenIds)].map((ids) => [...ids]);
}

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

  test.each(models)('the conversations of %s', async (model) => {
    const tokenizer = await open(path.join(reference, 'models', model, 'ref'));
    const file = await readJson<{ conversational?: (TokenisedPair & { inp: Record<string, Chat['messages']> })[] }>(
      'train',
      model,
      'trl_tokenization_extra.json',
    );
    for (const { inp, ...ids } of file.conversational ?? []) {
      const [chosen, rejected] = [inp['chosen']![0]!.content, inp['rejected']![0]!.content];
      expect(await encodeChat(tokenizer, { messages: inp['prompt']! }, chosen, rejected)).toEqual(idsOf(ids));
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
