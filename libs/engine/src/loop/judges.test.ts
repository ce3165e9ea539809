import { Completion, FinishReason, messageOf, ScoreItem, StepKind, VerdictState, type Prompt } from '@hone/contracts';
import { failedPrecondition, HoneError, invalidArgument } from '@hone/errors';
import { findRecipe, settingsOf, type JudgeSettings } from '@hone/recipes';
import { expect, test } from 'vitest';
import type { Services } from '../ports/services.ts';
import { modelJudge } from './judges.ts';
import { seedOf } from './seeds.ts';
import type { StepContext } from './step-context.ts';

const settingsWith = (judge: object): JudgeSettings =>
  (settingsOf(findRecipe('self-rewarding'), { judge }, 'settings') as { judge: JudgeSettings }).judge;

const questionOf = ({ content }: Prompt): string =>
  content?.$case === 'chat' ? content.value.messages.at(-1)!.content : String(content?.value);

/** A judge over a sampler that answers so; and what the sampler was asked. */
function judgeOver(answer: (question: string, draw: number) => string, given: object = {}) {
  const asked: { readonly seed: bigint; readonly n: number; readonly prompts: readonly Prompt[] }[] = [];
  const sample: Services['sample'] = async function* ({ prompts, n, seed }) {
    asked.push({ prompts, n, seed });
    for (const prompt of prompts) {
      yield { event: { $case: 'prompt', value: { promptId: prompt.id, tokenIds: Buffer.alloc(4) } } };
      for (let sampleIndex = n - 1; sampleIndex >= 0; sampleIndex--) {
        const text = answer(questionOf(prompt), sampleIndex);
        yield {
          event: { $case: 'completion', value: messageOf(Completion, { promptId: prompt.id, sampleIndex, text }) },
        };
      }
    }
  };
  const context = {
    ...{ key: { iteration: 1, name: 'score', kind: StepKind.SCORE }, spec: { seed: 5n }, runId: 'r' },
    policy: { attempts: 1, timeoutMs: undefined },
    services: { sample, capacityOf: () => ({ capacity: 1, onCapacity: () => undefined }) },
    shares: { of: () => ({ use: (_run: string, _signal: AbortSignal, call: () => unknown) => call() }) },
    waiting: () => undefined,
  } as unknown as StepContext;
  const judge = modelJudge(context, { model: { checkpoint: 'checkpoints/a' }, settings: settingsWith(given) });
  const judged = async (...items: ScoreItem[]) => (await judge.judge(items, new AbortController().signal)).verdicts;
  return { judge, judged, asked };
}

const item = (completion: string, fields: Partial<ScoreItem> = {}): ScoreItem =>
  messageOf(ScoreItem, {
    id: completion,
    completion,
    prompt: '2 + 2?',
    gold: '4',
    finishReason: FinishReason.STOP,
    ...fields,
  });

test('a model is asked three times, and the mean of its points is the score', async () => {
  const { judge, judged, asked } = judgeOver((_, draw) => `Fine.\nScore: ${3 + draw}`);
  expect(await judged(item('4'))).toMatchObject([
    {
      ...{ id: '4', state: VerdictState.SCORED, score: 0.8, scorer: 'llm-judge', rule: 'llm-judge.points' },
      explanation: [3, 4, 5].map((points) => ({ layer: 'judge', text: `Fine.\nScore: ${points}` })),
    },
  ]);
  expect(judge).toMatchObject({ name: 'llm-judge(checkpoints/a)', service: 'sampler' });
  expect(asked).toMatchObject([{ n: 3, prompts: [{ id: '4' }] }]);
  expect(questionOf(asked[0]!.prompts[0]!)).toMatch(
    /<problem>\n2 \+ 2\?\n<\/problem>[^]*<completion>\n4\n<\/completion>/,
  );
});

test('answers without points are left out; where none has any, that is an ERROR, which makes no pair', async () => {
  const { judged } = judgeOver((question, draw) => (question.includes('bad') || draw > 0 ? 'Well…' : 'Score: 1'));
  expect(await judged(item('good'), item('bad'))).toMatchObject([
    { state: VerdictState.SCORED, score: 0.2 },
    { state: VerdictState.ERROR, score: 0, message: 'the judge stated no points, but "Well…"' },
  ]);
});

test('nobody is asked about what says nothing, and thoughts are not shown', async () => {
  const { judged, asked } = judgeOver(() => 'Score: 5');
  const cut = { finishReason: FinishReason.LENGTH };
  expect(await judged(item(' '), item('<think>So', cut), item('<think>So</think>4'))).toMatchObject([
    { state: VerdictState.UNSCORABLE },
    { state: VerdictState.TRUNCATED },
    { state: VerdictState.SCORED, score: 1 },
  ]);
  expect(asked.flatMap(({ prompts }) => prompts.map(questionOf))).toEqual([expect.not.stringContaining('So')]);
});

test('a problem that is no text can be judged by a template without it alone', async () => {
  const tokens = item('4', { prompt: '' });
  expect(await judgeOver(() => 'Score: 5').judged(tokens)).toMatchObject([{ state: VerdictState.ERROR }]);
  const { judged, asked } = judgeOver(() => 'Score: 5', { template: 'Grade {completion}.', format: 'text' });
  expect(await judged(tokens)).toMatchObject([{ state: VerdictState.SCORED }]);
  expect(asked[0]!.prompts[0]!.content).toEqual({ $case: 'text', value: 'Grade 4.' });
});

test('a question that is too long costs no other its verdict', async () => {
  const { judged } = judgeOver((question) => {
    if (question.includes('long')) throw invalidArgument('prompts[0]', 'must leave room for an answer');
    return 'Score: 5';
  });
  const verdicts = await judged(...['a', 'b', 'long', 'c', 'd'].map((text) => item(text)));
  expect(verdicts.map(({ id, state }) => [id, state])).toEqual(
    ['a', 'b', 'long', 'c', 'd'].map((id) => [id, id === 'long' ? VerdictState.ERROR : VerdictState.SCORED]),
  );
  expect(verdicts[2]!.message).toContain('must leave room');
});

test('what else fails, fails the step', async () => {
  const { judged } = judgeOver(() => {
    throw failedPrecondition('ENGINE_LACKS', 'no');
  });
  await expect(judged(item('4'))).rejects.toThrow(HoneError);
});

test('the seed is that of the step, and is not that of its samples', async () => {
  const seeds = [judgeOver(() => ''), judgeOver(() => '', { draws: 1 })].map(async ({ judged, asked }) => {
    await judged(item('4'));
    return asked[0]!.seed;
  });
  const [one, other] = await Promise.all(seeds);
  expect(one).toBe(other);
  expect(one).not.toBe(seedOf(5n, 1, 'sample'));
});
