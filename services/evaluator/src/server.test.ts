import {
  GroupAnswersResponse,
  ListOutcomesRequest,
  messageOf,
  SampleResponse,
  ScoreResponse,
  VerdictState,
  type EvaluateRequest,
  type GroupAnswersRequest,
  type PartialMessage,
  type SampleRequest,
  type ScoreRequest,
} from '@hone/contracts';
import { callServerStream, serverStream, unary, type ServiceBinding } from '@hone/rpc';
import { ArtifactStore } from '@hone/artifacts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bench, CHECKPOINT, comparingScorer, four, samplerSaying, VOTING } from './testing/bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.create();
});
afterEach(() => bench.clean());
const evaluator: Bench['evaluator'] = (...peers) => bench.evaluator(...peers);

test('greedy accuracy and its interval are measured, and every completion is counted by its verdict', async () => {
  const answers: Record<string, string> = { a: 'yes', b: 'no', c: '?', d: '' };
  const { upload, evaluate } = await evaluator(samplerSaying((id) => answers[id]!));
  const { name, problemCount } = await upload(four);
  expect(problemCount).toBe(4);
  const { evaluation, progress } = await evaluate({ problemSet: name, spec: { greedy: true, maxTokens: 5 } });
  expect(evaluation).toMatchObject({
    checkpoint: CHECKPOINT,
    problemSet: name,
    scorerVersion: '7',
    greedy: { accuracy: 0.25, correct: 1, total: 4 },
    greedyCompletions: { correct: 1, wrong: 1, unscorable: 1, truncated: 1, error: 0 },
    usage: { cpuSeconds: 2, peakMemoryBytes: 1000n, tokens: 4n },
    templateDigests: ['f'.repeat(64)],
  });
  // Wilson's 95 % interval of 1 in 4.
  expect(evaluation.greedy!.lower).toBeCloseTo(0.045587, 5);
  expect(evaluation.greedy!.upper).toBeCloseTo(0.699358, 5);
  expect(evaluation.majority).toBeUndefined();
  expect(progress.at(-1)).toEqual({ done: 4, total: 4 });
});

test('the majority of valid votes decides, and a tie counts with its share', async () => {
  const votes: Record<string, string[]> = {
    a: ['yes', 'no', 'yes'],
    b: ['no', 'no', 'yes'],
    c: ['yes', '?', ''],
    d: ['yes', 'no', '?'],
  };
  const { upload, evaluate } = await evaluator(samplerSaying((id, index) => votes[id]![index]!));
  const { name } = await upload(four);
  const { evaluation } = await evaluate({ problemSet: name, spec: { maxTokens: 5, majority: VOTING } });
  expect(evaluation.greedy).toBeUndefined();
  expect(evaluation.majority).toMatchObject({
    k: 3,
    accuracy: { correct: 2.5, total: 4, accuracy: 0.625 },
    completions: { correct: 5, wrong: 4, unscorable: 2, truncated: 1, error: 0 },
  });
  expect(evaluation.majority!.sampleAccuracy).toBeCloseTo(5 / 12, 12);
});

test('answers that the scorer holds equal are one vote, and those that it judged apart are not', async () => {
  const said = ['x=5', '7', '5', '7', '6'];
  const scorer: ServiceBinding = {
    ...comparingScorer,
    implementation: {
      ...comparingScorer.implementation,
      score: unary(async ({ items }: ScoreRequest) =>
        messageOf(ScoreResponse, {
          verdicts: items.map(({ id, completion }) => ({
            ...{ id, state: VerdictState.SCORED, score: /5|6/.test(completion) ? 1 : 0 },
            ...{ extractedAnswer: `<${completion}>`, writtenAnswer: completion, scorerVersion: '7' },
          })),
        }),
      ),
      groupAnswers: unary(async ({ sets }: GroupAnswersRequest) =>
        messageOf(GroupAnswersResponse, {
          sets: sets.map(({ answers }) => ({
            first: answers.map((answer) => answers.findIndex((other) => other.at(-1) === answer.at(-1))),
          })),
        }),
      ),
    },
  };
  const { client, upload, evaluate } = await evaluator(
    samplerSaying((_, index) => said[index]!),
    scorer,
  );
  const { name } = await upload(four.slice(0, 1));
  const voting = { ...VOTING, k: 5 };
  const { evaluation } = await evaluate({ problemSet: name, spec: { maxTokens: 5, majority: voting } });
  // Two votes for 5, two for 7, one for 6: by their texts 7 would have won.
  expect(evaluation.majority!.accuracy!.accuracy).toBe(0.5);
  const rows = [];
  for await (const row of callServerStream(
    client,
    'listOutcomes',
    messageOf(ListOutcomesRequest, { evaluation: evaluation.name }),
  ))
    rows.push(row);
  expect(rows[0]!.votes.map(({ answer, vote }) => [answer, vote])).toEqual([
    ['<x=5>', '<x=5>'],
    ['<7>', '<7>'],
    ['<5>', '<x=5>'],
    ['<7>', '<7>'],
    ['<6>', '<6>'],
  ]);
});

test('each pass asks for what it needs: greedy once a problem, votes as the spec says', async () => {
  const asked: unknown[] = [];
  const sampler = samplerSaying((_, index, { n, seed, sampling }) => {
    if (index === 0) asked.push({ n, seed, temperature: sampling?.temperature, maxTokens: sampling?.maxTokens });
    return 'yes';
  });
  const { upload, evaluate } = await evaluator(sampler);
  const { name } = await upload(four.slice(0, 1));
  await evaluate({ problemSet: name, seed: 9n, spec: { greedy: true, maxTokens: 5, majority: VOTING } });
  expect(asked).toEqual([
    { n: 1, seed: 9n, temperature: 0, maxTokens: 5 },
    { n: 3, seed: 9n, temperature: 1, maxTokens: 5 },
  ]);
});

test('a failure of the scorer counts neither as right nor as wrong', async () => {
  const answers: Record<string, string> = { a: 'yes', b: 'no', c: '!', d: '!' };
  const { upload, evaluate } = await evaluator(samplerSaying((id) => answers[id]!));
  const { name } = await upload(four);
  const { evaluation } = await evaluate({ problemSet: name, spec: { greedy: true, maxTokens: 5 } });
  expect(evaluation.greedy).toMatchObject({ correct: 1, total: 2 });
  expect(evaluation.greedyCompletions).toMatchObject({ error: 2 });
});

test('a scorer that fails on everything fails the evaluation with its own words', async () => {
  const { upload, evaluate } = await evaluator(samplerSaying(() => '!'));
  const { name } = await upload(four);
  const failed = evaluate({ problemSet: name, spec: { greedy: true, maxTokens: 5 } });
  await expect(failed).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', message: /broken on purpose/ });
});

test('the same evaluation has the same name and content whenever it is made', async () => {
  const { upload, evaluate } = await evaluator(samplerSaying((id, index) => (id + index < 'b1' ? 'yes' : 'no')));
  const { name } = await upload(four);
  const fields = { problemSet: name, spec: { greedy: true, maxTokens: 5, majority: VOTING } };
  const [first, second] = [await evaluate(fields), await evaluate(fields)];
  expect(first.evaluation.name).toMatch(/^evaluations\/[0-9a-f]{64}$/);
  expect({ ...second.evaluation, usage: undefined }).toEqual({ ...first.evaluation, usage: undefined });
  const store = await ArtifactStore.open(bench.storeDir);
  const rows = [];
  for await (const row of store.readJsonLines<object>(first.evaluation.name.split('/')[1]!)) rows.push(row);
  expect(rows.slice(1).map((row) => (row as { problemId: string }).problemId)).toEqual(['a', 'b', 'c', 'd']);
});

test('only the first problems are used where a limit is set', async () => {
  const { upload, evaluate } = await evaluator(samplerSaying(() => 'yes'));
  const { name } = await upload(four);
  const { evaluation } = await evaluate({ problemSet: name, spec: { greedy: true, maxTokens: 5, limit: 3 } });
  expect(evaluation.greedy).toMatchObject({ correct: 3, total: 3 });
});

test('a request with the address of another scorer is judged there', async () => {
  const { upload, evaluate } = await evaluator(samplerSaying(() => 'no'));
  const lenient: ServiceBinding = {
    ...comparingScorer,
    implementation: {
      ...comparingScorer.implementation,
      score: unary(async ({ items }: ScoreRequest) =>
        ScoreResponse.fromPartial({
          verdicts: items.map(({ id }) => ({ id, state: VerdictState.SCORED, score: 1, scorerVersion: 'lenient' })),
        }),
      ),
    },
  };
  const { name } = await upload(four);
  const scorer = { name: 'compare', address: await bench.serve(lenient) };
  const { evaluation } = await evaluate({ problemSet: name, scorer, spec: { greedy: true, maxTokens: 5 } });
  expect(evaluation).toMatchObject({ scorerVersion: 'lenient', greedy: { correct: 4 } });
});

test('a scorer that leaves out a verdict is named as the one at fault', async () => {
  const broken: ServiceBinding = {
    ...comparingScorer,
    implementation: { ...comparingScorer.implementation, score: unary(async () => ({ verdicts: [] })) },
  };
  const { upload, evaluate } = await evaluator(
    samplerSaying(() => 'yes'),
    broken,
  );
  const { name } = await upload(four);
  const failed = evaluate({ problemSet: name, spec: { greedy: true, maxTokens: 5 } });
  await expect(failed).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'BAD_SCORER' });
});

test('a request may name another sampler, if the operator allows it', async () => {
  const { upload, evaluate } = await evaluator(samplerSaying(() => 'no'));
  const { name } = await upload(four);
  const other = await bench.serve(samplerSaying(() => 'yes'));
  const spec = { greedy: true, maxTokens: 5 };
  const accuracy = async (address?: string): Promise<number> => {
    const { evaluation } = await evaluate({ problemSet: name, spec, ...(address && { sampler: { address } }) });
    return evaluation.greedy!.accuracy;
  };
  expect(await accuracy()).not.toBe(await accuracy(other));
  await expect(accuracy('elsewhere.example:1')).rejects.toMatchObject({
    ...{ code: 'INVALID_ARGUMENT', violations: [{ field: 'sampler.address' }] },
    message: /--allow-samplers/,
  });
  await expect(accuracy('x')).rejects.toMatchObject({ violations: [{ field: 'sampler.address' }] });
});

test('cancelling stops the sampling', async () => {
  let stopped = false;
  const controller = new AbortController();
  const endless: ServiceBinding = {
    ...samplerSaying(() => ''),
    implementation: {
      ...samplerSaying(() => '').implementation,
      sample: serverStream(async function* (_: SampleRequest, { signal }): AsyncGenerator<SampleResponse> {
        const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        controller.abort();
        await aborted;
        stopped = true;
        yield SampleResponse.fromPartial({});
      }),
    },
  };
  const { upload, evaluate } = await evaluator(endless);
  const { name } = await upload(four);
  const running = evaluate({ problemSet: name, spec: { greedy: true, maxTokens: 5 } }, controller.signal);
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect.poll(() => stopped).toBe(true);
});

test.each<[string, PartialMessage<EvaluateRequest>]>([
  ['checkpoint', { checkpoint: '../escape' }],
  ['problem_set', { problemSet: 'problemSets/short' }],
  ['scorer.name', { scorer: { name: '' } }],
  ['spec', { spec: undefined }],
  ['spec', { spec: { maxTokens: 5 } }],
  ['spec.max_tokens', { spec: { greedy: true, maxTokens: 0 } }],
  ['spec.limit', { spec: { greedy: true, maxTokens: 5, limit: -1 } }],
  ['spec.majority.k', { spec: { greedy: true, maxTokens: 5, majority: { k: -1 } } }],
  ['spec.majority.sampling', { spec: { maxTokens: 5, majority: { k: 2 } } }],
  ['spec.stop', { spec: { greedy: true, maxTokens: 5, stop: [''] } }],
  ['spec.majority.samples', { spec: { maxTokens: 5, majority: { ...VOTING, samples: 2 } } }],
  ['spec.majority.also_at', { spec: { maxTokens: 5, majority: { ...VOTING, alsoAt: [1, 4] } } }],
  ['spec.majority.sampling.temperature', { spec: { maxTokens: 5, majority: { k: 2, sampling: { temperature: 0 } } } }],
  [
    'spec.majority.sampling.top_p',
    { spec: { maxTokens: 5, majority: { k: 2, sampling: { temperature: 1, topP: 1.5 } } } },
  ],
])('a request that breaks a rule is refused with the field: %s', async (field, fields) => {
  const { evaluate } = await evaluator(samplerSaying(() => ''));
  const spec = { greedy: true, maxTokens: 5 };
  const refused = evaluate({ problemSet: `problemSets/${'a'.repeat(64)}`, spec, ...fields });
  await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field }] });
});

test('a problem set that is not in the store is not found', async () => {
  const { evaluate } = await evaluator(samplerSaying(() => ''));
  const missing = evaluate({ problemSet: `problemSets/${'a'.repeat(64)}`, spec: { greedy: true, maxTokens: 5 } });
  await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
