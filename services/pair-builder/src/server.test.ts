import {
  BuildPairsRequest,
  messageOf,
  packFloat32,
  packInt32,
  PairBuilderServiceClient,
  unpackInt32,
  VerdictState,
  WeightPrecision,
  type BuildPairsResponse,
  type PairReport,
  type PartialMessage,
  type PreferenceGroup,
} from '@hone/contracts';
import { callBidi, connect, startServer, type RunningServer } from '@hone/rpc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPairBuilderService } from './server.ts';

let server: RunningServer;
let client: PairBuilderServiceClient;

beforeAll(async () => {
  const { services } = await createPairBuilderService();
  server = await startServer({ address: '127.0.0.1:0', services });
  client = connect(PairBuilderServiceClient, server.address);
});
afterAll(async () => {
  client.close();
  await server.close(100);
});

type Message = PartialMessage<BuildPairsRequest>;
const RIGHT = { state: VerdictState.SCORED, score: 1 };
const WRONG = { state: VerdictState.SCORED, score: 0 };
const config = (pairsPerProblem: number): Message => ({
  message: { $case: 'config', value: { pairsPerProblem, seed: 5n } },
});

/** A completion whose only token is `token`. */
function judged(token: number, verdict: { state: VerdictState; score?: number }, sampleIndex = token) {
  const tokenIds = packInt32([token, 2]);
  const logProbs = packFloat32([-0.5, -0.25 * token]);
  return { completion: { sampleIndex, tokenIds, logProbs, text: `text ${token}` }, verdict };
}
function problem(problemId: string, completions: ReturnType<typeof judged>[]): Message {
  return { message: { $case: 'problem', value: { problemId, promptTokenIds: packInt32([1, 9]), completions } } };
}

async function build(messages: Message[]): Promise<{ groups: PreferenceGroup[]; report: PairReport }> {
  async function* requests() {
    for (const message of messages) yield messageOf(BuildPairsRequest, message);
  }
  const responses: BuildPairsResponse[] = [];
  for await (const response of callBidi(client, 'buildPairs', requests())) responses.push(response);
  const last = responses.pop()?.message;
  if (last?.$case !== 'report') throw new Error('the last message must be the report');
  const groups = responses.map(({ message }) => {
    if (message?.$case !== 'group') throw new Error('all but the last message must be groups');
    return message.value;
  });
  return { groups, report: last.value };
}

test('every pair is a right completion over a wrong one, and its tokens and reference log-probs are those sampled', async () => {
  const { groups, report } = await build([
    config(10),
    problem('p', [judged(3, RIGHT), judged(4, WRONG), judged(5, RIGHT), judged(6, WRONG)]),
  ]);
  const [group] = groups;
  expect(group).toMatchObject({ problemId: 'p' });
  expect([...unpackInt32(group!.promptTokenIds, 'prompt')]).toEqual([1, 9]);
  for (const { chosen, rejected } of group!.pairs) {
    expect([3, 5]).toContain(group!.completions[chosen]!.sampleIndex);
    expect([4, 6]).toContain(group!.completions[rejected]!.sampleIndex);
  }
  for (const { tokenIds, sampleIndex, referenceLogProb } of group!.completions) {
    expect([...unpackInt32(tokenIds, 'completion')]).toEqual([sampleIndex, 2]);
    expect(referenceLogProb).toBe(-0.5 - 0.25 * sampleIndex);
  }
  expect(report).toMatchObject({ problems: 1, problemsWithPairs: 1, pairs: group!.pairs.length });
  expect(report.rule).toMatch(/^cycle\/\d+$/);
});

test('completions of 8-bit weights come without reference log-probs, and the report counts them', async () => {
  const rounded = (token: number, verdict: typeof RIGHT) => {
    const { completion } = judged(token, verdict);
    return { completion: { ...completion, weightPrecision: WeightPrecision.INT8 }, verdict };
  };
  const { groups, report } = await build([
    config(10),
    problem('exact', [judged(3, RIGHT), judged(4, WRONG)]),
    problem('rounded', [rounded(3, RIGHT), rounded(4, WRONG), rounded(5, { ...WRONG, state: VerdictState.ERROR })]),
  ]);
  const known = groups.map(({ completions }) => completions.map((it) => it.referenceLogProb !== undefined));
  expect(known).toEqual([
    [true, true],
    [false, false],
  ]);
  expect(report.sampledInt8).toBe(2);
});

test('at most K pairs are made of a problem', async () => {
  const completions = [3, 4, 5, 6, 7].map((token) => judged(token, token < 5 ? RIGHT : WRONG));
  const { groups, report } = await build([config(2), problem('p', completions)]);
  expect(groups[0]!.pairs).toHaveLength(2);
  expect(report.pairs).toBe(2);
});

test('problems without both sides give no pair, and the report says why', async () => {
  const { groups, report } = await build([
    config(4),
    problem('all right', [judged(3, RIGHT), judged(4, RIGHT)]),
    problem('all wrong', [judged(3, WRONG), judged(4, WRONG)]),
    problem('cut off', [judged(3, { state: VerdictState.TRUNCATED })]),
    problem('failed', [judged(3, { state: VerdictState.ERROR })]),
  ]);
  expect(groups).toEqual([]);
  expect(report).toMatchObject({
    problems: 4,
    problemsWithPairs: 0,
    problemsAllRight: 1,
    problemsAllWrong: 1,
    problemsEmpty: 2,
    completions: { correct: 2, wrong: 2, truncated: 1, error: 1 },
    droppedTruncated: 1,
    droppedErrors: 1,
    pairs: 0,
  });
});

test('a completion that was sampled twice occurs once', async () => {
  const completions = [judged(3, RIGHT, 0), judged(3, RIGHT, 1), judged(4, WRONG, 2)];
  const { groups, report } = await build([config(4), problem('p', completions)]);
  expect(groups[0]!.completions.map((completion) => completion.sampleIndex).sort()).toEqual([0, 2]);
  expect(groups[0]!.pairs).toHaveLength(1);
  expect(report.droppedDuplicates).toBe(1);
});

test('the same input gives the same pairs', async () => {
  const completions = Array.from({ length: 12 }, (_, index) => judged(3 + index, index % 3 ? WRONG : RIGHT));
  const messages = [config(6), problem('p', completions), problem('q', completions)];
  expect(await build(messages)).toEqual(await build(messages));
});

test.each<[string, Message[]]>([
  ['config', []],
  ['config', [problem('p', [judged(3, RIGHT)])]],
  ['config', [config(1), config(1)]],
  ['config.pairs_per_problem', [config(0)]],
  ['config.pairs_per_problem', [config(-1)]],
  ['config.rule', [{ message: { $case: 'config', value: { rule: 'no-such', pairsPerProblem: 1 } } }]],
  ['message', [config(1), {}]],
  ['problem.completions', [config(1), problem('p', [])]],
  ['problem.problem_id', [config(1), problem('', [judged(3, RIGHT)])]],
  ['problem.problem_id', [config(1), problem('p', [judged(3, RIGHT)]), problem('p', [judged(3, RIGHT)])]],
  ['problem.completions[0].verdict', [config(1), problem('p', [{ ...judged(3, RIGHT), verdict: undefined as never }])]],
  [
    'problem.completions[0].completion.log_probs',
    [
      config(1),
      problem('p', [
        { ...judged(3, RIGHT), completion: { ...judged(3, RIGHT).completion, logProbs: packFloat32([0]) } },
      ]),
    ],
  ],
])('a stream that breaks a rule is refused with the field: %s', async (field, messages) => {
  await expect(build(messages)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field }] });
});
