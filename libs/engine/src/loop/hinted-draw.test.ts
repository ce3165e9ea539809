import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import {
  JudgedProblem,
  messageOf,
  Problem,
  RunSpec,
  Verdict,
  VerdictState,
  type PartialMessage,
} from '@hone/contracts';
import type { Hinted } from '@hone/recipes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { drawHinted } from './hinted-draw.ts';

let folder: string;
let store: ArtifactStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hone-hinted-'));
  store = await ArtifactStore.open(folder);
});
afterEach(() => rm(folder, { recursive: true }));

type Prompt = PartialMessage<NonNullable<Problem['prompt']>>['content'];

/** Draws of problems p0, p1, … of which each has one sample, right or not. */
async function drawn(prompts: readonly Prompt[], scores: readonly number[]) {
  const problems = prompts.map((content, at) => {
    const id = `p${at}`;
    return messageOf(Problem, { id, prompt: { id, content }, gold: `$${at}` });
  });
  const completions = problems.map(({ id: problemId }, at) =>
    messageOf(JudgedProblem, {
      problemId,
      promptTokenIds: Buffer.from([at, 0, 0, 0]),
      completions: [{ completion: { promptId: problemId, sampleIndex: 0, exactLogProbs: true } }],
    }),
  );
  const verdicts = problems.map(({ id }, at) =>
    messageOf(Verdict, { id: `${id}#0`, state: VerdictState.SCORED, score: scores[at]! }),
  );
  const put = async (rows: object[]) => (await store.putJsonLines(rows)).digest;
  const ref = (digest: string) => ({ digest, version: 1, count: problems.length });
  const spec = messageOf(RunSpec, {
    trainProblemSet: `problemSets/${await put(problems.map((problem) => Problem.toJSON(problem) as object))}`,
  });
  const samples = {
    completions: ref(await put(completions.map((row) => JudgedProblem.toJSON(row) as object))),
    verdicts: ref(await put(verdicts.map((row) => Verdict.toJSON(row) as object))),
  };
  const hinted = { samples, hint: 'It is {answer}. ' } as unknown as Hinted;
  return { draw: await drawHinted(store, spec, hinted), completions };
}

const text = (value: string): Prompt => ({ $case: 'text', value });

async function contents(problems: AsyncIterable<Problem>) {
  const found = [];
  for await (const { id, prompt } of problems) found.push([id, prompt!.content]);
  return found;
}

test('problems without a right sample are drawn, with their answer in front of the prompt', async () => {
  const { draw } = await drawn([text('a'), text('b'), text('c')], [0, 1, 0]);
  expect(draw.count).toBe(2);
  expect(await contents(draw.problems())).toEqual([
    ['p0', text('It is $0. a')],
    ['p2', text('It is $2. c')],
  ]);
});

test('of a chat, the hint stands in front of the last turn', async () => {
  const turns = (last: string) => [
    { role: 'system', content: 's' },
    { role: 'user', content: last },
  ];
  const { draw } = await drawn([{ $case: 'chat', value: { messages: turns('b') } }], [0]);
  expect(await contents(draw.problems())).toMatchObject([
    ['p0', { $case: 'chat', value: { messages: turns('It is $0. b') } }],
  ]);
});

test('what was drawn has the prompt without the hint, behind which its log-probs are not known', async () => {
  const { draw, completions } = await drawn([text('a')], [0]);
  const [before] = completions;
  const kept = draw.withoutHint({ ...before!, promptTokenIds: Buffer.from([9, 9, 9, 9]) });
  expect(kept.promptTokenIds).toEqual(before!.promptTokenIds);
  expect(kept.completions[0]!.completion!.exactLogProbs).toBe(false);
});

test('ready token ids take no hint', async () => {
  const { draw } = await drawn([{ $case: 'tokenIds', value: Buffer.alloc(4) }], [0]);
  await expect(contents(draw.problems())).rejects.toThrow(/prompts of text or chats/);
});

test('where all is solved, nothing is drawn', async () => {
  const { draw } = await drawn([text('a')], [1]);
  expect([draw.count, await contents(draw.problems())]).toEqual([0, []]);
});
