import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import { messageOf, Problem } from '@hone/contracts';
import { findRecipe, settingsOf, type NewPromptSettings } from '@hone/recipes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { problemRequests } from './problem-requests.ts';

let folder: string;
let store: ArtifactStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hone-requests-'));
  store = await ArtifactStore.open(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const settingsWith = (new_prompts: object): NewPromptSettings =>
  (settingsOf(findRecipe('self-rewarding'), { new_prompts }, 'settings') as { new_prompts: NewPromptSettings })
    .new_prompts;

/** Requests after the problems "$0", "$1", …: texts in which a pattern could hide. */
async function requests(given: object, { size = 20, seed = 1n } = {}) {
  const problems = Array.from({ length: size }, (_, at) => {
    const prompt = { id: `p${at}`, content: { $case: 'text' as const, value: `$${at}` } };
    return Problem.toJSON(messageOf(Problem, { id: `p${at}`, prompt })) as object;
  });
  const { digest } = await store.putJsonLines(problems);
  const found = await problemRequests(store, digest, { settings: settingsWith(given), idPrefix: 'write-1-', seed });
  return found.map(({ prompt, like }) => ({ id: prompt.id, asked: prompt.content!, like: like.id }));
}

const SHORT = { template: 'Problems: {examples}', separator: ' # ', format: 'text' };

test('each request shows other examples, the separator behind each', async () => {
  const found = await requests({ ...SHORT, count: 40, examples: 3 });
  expect(found.map(({ id }) => id)).toEqual(Array.from({ length: 40 }, (_, at) => `write-1-${at}`));
  const drawn = found.map(({ asked, like }) => {
    const [, ...numbers] = /^Problems: \$(\d+) # \$(\d+) # \$(\d+) # $/.exec(String(asked.value))!.map(Number);
    expect([new Set(numbers).size, like]).toEqual([3, `p${numbers[0]}`]);
    return numbers;
  });
  // All problems have their turn.
  expect(new Set(drawn.flat()).size).toBe(20);
});

test('a user asks in a chat, unless a text is asked for', async () => {
  const [request] = await requests({ count: 1, examples: 1 }, { size: 1 });
  const content = expect.stringMatching(/^Below are problems [^]*\n\n\$0\n\n---\n\n$/);
  expect(request!.asked).toEqual({ $case: 'chat', value: { messages: [{ role: 'user', content }] } });
});

test('the seed decides, whatever else is asked', async () => {
  const given = { ...SHORT, examples: 2 };
  const ten = await requests({ ...given, count: 10 });
  expect(await requests({ ...given, count: 3 })).toEqual(ten.slice(0, 3));
  expect(await requests({ ...given, count: 10 }, { seed: 2n })).not.toEqual(ten);
});

test('where there are fewer problems than examples, all are shown', async () => {
  const [request] = await requests({ ...SHORT, count: 1, examples: 8 }, { size: 2 });
  expect(request!.asked.value).toMatch(/^Problems: \$[01] # \$[01] # $/);
});
