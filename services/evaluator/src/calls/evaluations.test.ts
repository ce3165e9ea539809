import { readdir } from 'node:fs/promises';
import path from 'node:path';
import {
  CompareEvaluationsRequest,
  FinishReason,
  GetEvaluationRequest,
  ListOutcomesRequest,
  messageOf,
  Problem,
  SampleResponse,
  ScoreResponse,
  type SampleRequest,
  type ScoreRequest,
  VerdictState,
} from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callServerStream, callUnary, serverStream, unary, type ServiceBinding } from '@hone/rpc';
import { mcNemar, wilson } from '@hone/statistics';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bench, comparingScorer, four, problem, samplerSaying, VOTING } from '../testing/bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.create();
});
afterEach(() => bench.clean());

/** a: 2 of 4 right, b: none, c: all, d: one right and three without an answer. */
const SAID: Record<string, string[]> = {
  a: ['yes', 'no', 'yes', 'no'],
  b: ['no', 'no', '?', ''],
  c: ['yes', 'yes', 'yes', 'yes'],
  d: ['?', 'yes', '?', ''],
};
const saying = samplerSaying((id, index) => SAID[id]![index]!);
const votingAt = (k: number, samples: number, alsoAt: number[] = []) => ({ ...VOTING, k, samples, alsoAt });

test('pass@k and maj@k are means over problems and over all subsets of the samples', async () => {
  const { upload, evaluate } = await bench.evaluator(saying);
  const { name } = await upload(four);
  const spec = { maxTokens: 5, majority: votingAt(2, 4, [4]) };
  const { evaluation } = await evaluate({ problemSet: name, spec });
  expect(evaluation.atK.map(({ k, problems }) => [k, problems])).toEqual([
    [1, 4],
    [2, 4],
    [4, 4],
  ]);
  const [one, two, all] = evaluation.atK;
  // By hand: c / n; 1 - C(n - c, k) / C(n, k).
  expect(one!.pass!.value).toBeCloseTo((0.5 + 0 + 1 + 0.25) / 4, 12);
  expect(one!.majority!.value).toBeCloseTo((0.5 + 0 + 1 + 0.25) / 4, 12);
  expect(two!.pass!.value).toBeCloseTo((5 / 6 + 0 + 1 + 0.5) / 4, 12);
  // a: of six pairs one is all right and four are a tie; d: three of six pairs hold the one vote.
  expect(two!.majority!.value).toBeCloseTo((1 / 6 + (4 / 6) * 0.5 + 0 + 1 + 0.5) / 4, 12);
  expect(all!.pass!.value).toBeCloseTo(0.75, 12);
  expect(all!.majority!.value).toBeCloseTo((0.5 + 0 + 1 + 1) / 4, 12);
  expect(evaluation.majority!.accuracy!.accuracy).toBeCloseTo(two!.majority!.value, 12);
  for (const { pass, majority, majorityStandardError } of evaluation.atK) {
    expect(majorityStandardError).toBe(0);
    for (const { value, lower, upper } of [pass!, majority!]) {
      expect(lower).toBeLessThanOrEqual(value);
      expect(upper).toBeGreaterThanOrEqual(value);
    }
  }
});

test('results are also given by subject and by level, in order, without problems that have none', async () => {
  const { upload, evaluate } = await bench.evaluator(saying);
  const groups = { a: ['Algebra', '10'], b: ['Algebra', '2'], c: ['Geometry', '2'], d: ['', ''] } as Record<
    string,
    string[]
  >;
  const grouped = four.map((one) => ({ ...one, subject: groups[one.id]![0]!, level: groups[one.id]![1]! }));
  const { name } = await upload(grouped);
  const { evaluation } = await evaluate({
    problemSet: name,
    spec: { greedy: true, maxTokens: 5, majority: votingAt(4, 4) },
  });
  expect(evaluation.subjects).toMatchObject([
    {
      name: 'Algebra',
      greedy: { correct: 1, total: 2 },
      greedyCompletions: { correct: 1, wrong: 1 },
      majority: { correct: 0.5, total: 2 },
      sampleAccuracy: 0.25,
    },
    { name: 'Geometry', greedy: { correct: 1, total: 1 }, majority: { correct: 1, total: 1 }, sampleAccuracy: 1 },
  ]);
  expect(evaluation.levels.map(({ name: level }) => level)).toEqual(['2', '10']);
  const { lower, upper } = wilson(1, 2);
  expect(evaluation.subjects[0]!.greedy).toMatchObject({ lower, upper });
});

test('an evaluation and its outcomes can be read again', async () => {
  const { client, upload, evaluate } = await bench.evaluator(saying);
  const { name } = await upload(four);
  const { evaluation } = await evaluate({
    problemSet: name,
    spec: { greedy: true, maxTokens: 5, majority: votingAt(4, 4) },
  });
  const read = await callUnary(client, 'getEvaluation', GetEvaluationRequest.fromPartial({ name: evaluation.name }));
  expect(read).toEqual({ ...evaluation, usage: undefined });
  const rows = [];
  const request = ListOutcomesRequest.fromPartial({ evaluation: evaluation.name });
  for await (const row of callServerStream(client, 'listOutcomes', request)) rows.push(row);
  expect(
    rows.map(({ problemId, greedy, votes }) => [problemId, greedy!.answer, votes.map(({ right }) => right)]),
  ).toEqual([
    ['a', 'yes', [true, false, true, false]],
    ['b', 'no', [false, false, false, false]],
    ['c', 'yes', [true, true, true, true]],
    ['d', '', [false, true, false, false]],
  ]);
});

test('an evaluation that is not there is not found, and a malformed name is refused', async () => {
  const { client } = await bench.evaluator(saying);
  const get = (name: string) => callUnary(client, 'getEvaluation', GetEvaluationRequest.fromPartial({ name }));
  await expect(get(`evaluations/${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(get('evaluations/../x')).rejects.toMatchObject({ violations: [{ field: 'name' }] });
});

describe('comparing', () => {
  const twenty = Array.from({ length: 20 }, (_, index) => problem(`p${index}`, 'yes'));
  const indexOf = (id: string): number => Number(id.slice(1));
  /** The seed says which model answers: 1 solves the first 15, 2 the first 10 and the last one. */
  const models = samplerSaying((id, _, { seed }) => {
    const solved = seed === 1n ? indexOf(id) < 15 : indexOf(id) < 10 || indexOf(id) === 19;
    return solved ? 'yes' : 'no';
  });
  async function two() {
    const started = await bench.evaluator(models);
    const { name } = await started.upload(twenty);
    const spec = { greedy: true, maxTokens: 5, majority: VOTING };
    const [first, second] = [
      (await started.evaluate({ problemSet: name, seed: 1n, spec })).evaluation,
      (await started.evaluate({ problemSet: name, seed: 2n, spec })).evaluation,
    ];
    const compare = (fields: Partial<CompareEvaluationsRequest>) =>
      callUnary(
        started.client,
        'compareEvaluations',
        messageOf(CompareEvaluationsRequest, { first: first.name, second: second.name, ...fields }),
      );
    return { ...started, first, second, compare };
  }

  test('problems are paired, and McNemar looks at those that just one solves', async () => {
    const { compare } = await two();
    const { differences, mcnemar } = await compare({});
    expect(mcnemar).toEqual(mcNemar(5, 1));
    expect(differences.map(({ measure }) => measure)).toEqual(['greedy', 'pass@1', 'maj@3']);
    expect(differences[0]).toMatchObject({ problems: 20, first: 0.75, second: 0.55 });
    // Second - first: the second is worse.
    expect(differences[0]!.difference).toBeCloseTo(-0.2, 12);
    expect(differences[0]!.lower).toBeLessThan(-0.2);
    expect(differences[0]!.upper).toBeGreaterThan(-0.2);
  });

  test('an evaluation does not differ from itself', async () => {
    const { compare, first } = await two();
    const { differences, mcnemar } = await compare({ second: first.name });
    expect(mcnemar).toEqual({ firstOnly: 0, secondOnly: 0, pValue: 1 });
    for (const { difference, lower, upper } of differences) expect([difference, lower, upper]).toEqual([0, 0, 0]);
  });

  test('evaluations of other problems cannot be compared', async () => {
    const { compare, upload, evaluate } = await two();
    const { name } = await upload([problem('p100', 'yes')]);
    const { evaluation } = await evaluate({ problemSet: name, spec: { greedy: true, maxTokens: 5 } });
    await expect(compare({ second: evaluation.name })).rejects.toMatchObject({ violations: [{ field: 'second' }] });
  });
});

describe('an evaluation that was interrupted', () => {
  const many = Array.from({ length: 150 }, (_, index) => problem(`p${index}`, index % 3 === 0 ? 'yes' : 'no'));
  const SPEC = { greedy: true, maxTokens: 5, majority: votingAt(2, 3) };
  const say = (id: string, index: number): string => ((Number(id.slice(1)) + index) % 2 === 0 ? 'yes' : 'no');

  /** A sampler that is gone after so many completions, and what it was asked for. */
  function failingAfter(limit: number): { sampler: ServiceBinding; asked: string[] } {
    const whole = samplerSaying(say);
    const asked: string[] = [];
    let left = limit;
    async function* drawn(request: SampleRequest): AsyncGenerator<SampleResponse> {
      asked.push(...request.prompts.map(({ id }) => id));
      for (const { id } of request.prompts)
        for (let sampleIndex = 0; sampleIndex < request.n; sampleIndex++) {
          if (left-- === 0)
            throw HoneError.received({ code: 'UNAVAILABLE', reason: 'GONE', message: 'gone on purpose' });
          const value = { promptId: id, sampleIndex, text: say(id, sampleIndex), finishReason: FinishReason.STOP };
          yield messageOf(SampleResponse, { event: { $case: 'completion', value } });
        }
    }
    const implementation = { ...whole.implementation, sample: serverStream(drawn) };
    return { sampler: { ...whole, implementation }, asked };
  }
  const journals = (): Promise<string[]> => readdir(path.join(bench.storeDir, 'work', 'evaluations')).catch(() => []);

  test.each([70, 200, 400])('after %i completions goes on from what was judged, to the same result', async (limit) => {
    const broken = await bench.evaluator(failingAfter(limit).sampler);
    const { name: problemSet } = await broken.upload(many);
    await expect(broken.evaluate({ problemSet, seed: 4n, spec: SPEC })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await journals()).toHaveLength(1);
    const rest = failingAfter(Infinity);
    const again = await bench.evaluator(rest.sampler);
    const { evaluation, progress } = await again.evaluate({ problemSet, seed: 4n, spec: SPEC });
    // Both passes would ask for each problem once.
    expect(rest.asked.length).toBeLessThan(2 * many.length);
    expect(progress.at(-1)).toEqual({ done: 600, total: 600 });
    expect(await journals()).toEqual([]);
    const uninterrupted = await (
      await bench.evaluator(samplerSaying(say))
    ).evaluate({ problemSet, seed: 4n, spec: SPEC });
    expect({ ...evaluation, usage: undefined }).toEqual({ ...uninterrupted.evaluation, usage: undefined });
  });

  test('does not share what it kept with another seed or spec', async () => {
    const broken = await bench.evaluator(failingAfter(100).sampler);
    const { name: problemSet } = await broken.upload(many);
    await expect(broken.evaluate({ problemSet, seed: 4n, spec: SPEC })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const rest = failingAfter(Infinity);
    await (
      await bench.evaluator(rest.sampler)
    ).evaluate({ problemSet, seed: 5n, spec: { greedy: true, maxTokens: 5 } });
    expect(rest.asked).toHaveLength(many.length);
  });

  test('starts anew where the scorer changed meanwhile, instead of mixing two versions', async () => {
    const broken = await bench.evaluator(failingAfter(100).sampler);
    const { name: problemSet } = await broken.upload(many);
    await expect(broken.evaluate({ problemSet, spec: SPEC })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const newer: ServiceBinding = {
      ...comparingScorer,
      implementation: {
        ...comparingScorer.implementation,
        score: unary(async ({ items }: ScoreRequest) =>
          ScoreResponse.fromPartial({
            verdicts: items.map(({ id }) => ({ id, state: VerdictState.SCORED, score: 1, scorerVersion: '8' })),
          }),
        ),
      },
    };
    const again = await bench.evaluator(failingAfter(Infinity).sampler, newer);
    await expect(again.evaluate({ problemSet, spec: SPEC })).rejects.toMatchObject({ reason: 'SCORER_CHANGED' });
    const { evaluation } = await again.evaluate({ problemSet, spec: SPEC });
    expect(evaluation).toMatchObject({ scorerVersion: '8', greedy: { correct: 150 } });
  });
});

test('one problem, which no drawing can vary, says little: its interval is that of Wilson', async () => {
  const { upload, evaluate } = await bench.evaluator(saying);
  const { name } = await upload([Problem.fromPartial(four[2]!)]);
  const { evaluation } = await evaluate({ problemSet: name, spec: { greedy: true, maxTokens: 5 } });
  const { greedyBootstrap, greedy } = evaluation;
  expect(greedyBootstrap).toEqual({ value: 1, lower: greedy!.lower, upper: 1, standardError: 0 });
  expect(greedy!.lower).toBeCloseTo(0.2065, 4);
  expect(evaluation.atK).toEqual([]);
});
