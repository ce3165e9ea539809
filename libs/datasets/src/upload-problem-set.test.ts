import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import {
  messageOf,
  Problem,
  type PartialMessage,
  type ProblemSet,
  type UploadProblemSetRequest,
} from '@hone/contracts';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { uploadProblemSet } from './upload-problem-set.ts';

let folder: string;
let store: ArtifactStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hone-datasets-'));
  store = await ArtifactStore.open(folder);
  onTestFinished(() => rm(folder, { recursive: true }));
});

const { signal } = new AbortController();

function upload(problems: Iterable<Problem>): Promise<ProblemSet> {
  async function* requests(): AsyncGenerator<UploadProblemSetRequest> {
    for (const problem of problems) yield { problem };
  }
  return uploadProblemSet(store, requests(), { signal });
}

const problem = (id: string, gold: string): Problem =>
  Problem.fromPartial({ id, gold, prompt: { id, content: { $case: 'text', value: `question ${id}` } } });
const four = ['a', 'b', 'c', 'd'].map((id) => problem(id, 'yes'));

const chat = (role: string) => ({ id: 'a', content: { $case: 'chat' as const, value: { messages: [{ role }] } } });
test.each<[string, PartialMessage<Problem>[]]>([
  ['problem', []],
  ['problem.id', [{ ...problem('a', 'yes'), id: '' }]],
  ['problem.id', [problem('a', 'yes'), problem('a', 'no')]],
  ['problem.gold', [problem('a', '')]],
  ['problem.prompt', [{ id: 'a', gold: 'yes' }]],
  ['problem.prompt', [{ id: 'a', gold: 'yes', prompt: { id: 'a' } }]],
  ['problem.prompt.id', [{ ...problem('a', 'yes'), prompt: problem('b', 'yes').prompt }]],
  ['problem.prompt.chat.messages', [{ id: 'a', gold: 'yes', prompt: chat('robot') }]],
  ['problem.choices', [{ ...problem('a', 'yes'), choices: [{ label: 'A' }, { label: 'A' }] }]],
])('a problem set that breaks a rule is refused with the field, and nothing is kept: %s', async (field, problems) => {
  const refused = upload(problems.map((fields) => messageOf(Problem, fields)));
  await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field }] });
  expect(await readdir(path.join(folder, 'rows'))).toEqual([]);
});

test('the same problems in the same order have the same name', async () => {
  expect((await upload(four)).name).toBe((await upload(four)).name);
  expect((await upload(four)).name).not.toBe((await upload([...four].reverse())).name);
});
