import { FinishReason, JudgedProblem, messageOf, Problem, Prompt, type PartialMessage } from '@hone/contracts';
import { expect, test } from 'vitest';
import { newProblems } from './new-problems.ts';

type Content = PartialMessage<Prompt>['content'];
const text = (value: string): Content => ({ $case: 'text', value });
const chat = (...turns: string[]): Content => ({
  $case: 'chat',
  value: { messages: turns.map((content, at) => ({ role: at === 0 ? 'system' : 'user', content })) },
});

async function* rows<Row>(given: readonly Row[]): AsyncGenerator<Row> {
  yield* given;
}

const problem = (id: string, content: Content): object =>
  Problem.toJSON(messageOf(Problem, { id, prompt: { id, content }, gold: '1' })) as object;

/** What becomes of these texts, written after an example with this content. */
function made(
  texts: readonly (string | { readonly cut: string })[],
  { like = text('old?'), known = [problem('p0', like)] }: { readonly like?: Content; readonly known?: object[] } = {},
) {
  const requests = texts.map((_, at) => ({
    prompt: messageOf(Prompt, { id: `write-1-${at}` }),
    like: messageOf(Prompt, { id: 'p0', content: like, templateDigest: 'ab' }),
  }));
  const written = texts.map((said, at) => {
    const completion =
      typeof said === 'string'
        ? { text: said, finishReason: FinishReason.STOP }
        : { text: said.cut, finishReason: FinishReason.LENGTH };
    return JudgedProblem.toJSON(
      messageOf(JudgedProblem, { problemId: `write-1-${at}`, completions: [{ completion }] }),
    );
  });
  return newProblems(rows(written), requests, rows(known));
}

test('what ended and says something new becomes a problem, put as its example is, without a gold answer', async () => {
  const { problems, result } = await made(['<think>Hm.</think>\n  new?  ', { cut: 'half a pro' }, '  ', 'newer?']);
  expect(problems).toEqual([
    messageOf(Problem, { id: 'write-1-0', prompt: { id: 'write-1-0', content: text('new?') } }),
    messageOf(Problem, { id: 'write-1-3', prompt: { id: 'write-1-3', content: text('newer?') } }),
  ]);
  expect(result).toEqual({ asked: 4, problems: 2, truncated: 1, empty: 1, repeated: 0 });
});

test('a chat keeps its turns but the last', async () => {
  const { problems } = await made(['new?'], { like: chat('Be brief.', 'old?') });
  expect(problems[0]!.prompt!.content).toEqual(messageOf(Prompt, { content: chat('Be brief.', 'new?') }).content);
});

test('a problem of the run, or a new one again, is left out whatever its case and white space', async () => {
  const { problems, result } = await made(['OLD?', 'new\n one', 'New one', 'other']);
  expect(problems.map(({ id }) => id)).toEqual(['write-1-1', 'write-1-3']);
  expect(result).toMatchObject({ asked: 4, problems: 2, repeated: 2 });
});

test('where nothing is new, there is none', async () => {
  expect((await made(['old?'])).problems).toEqual([]);
});

test.each<[string, object[], RegExp]>([
  ['bears the name of a new one', [problem('write-1-0', text('a'))], /must have no problem "write-1-0"/],
  ['has no text', [problem('p0', { $case: 'tokenIds', value: Buffer.alloc(4) })], /prompts of text or chats, for new/],
])('a problem of the run that %s is an error that names the set', async (_, known, message) => {
  const failing = made(['new?'], { known });
  await expect(failing).rejects.toThrow(message);
  await expect(failing).rejects.toMatchObject({ violations: [{ field: 'spec.train_problem_set' }] });
});
