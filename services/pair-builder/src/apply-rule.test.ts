import {
  ApplyRuleRequest,
  ListRulesRequest,
  messageOf,
  packFloat32,
  RuleOutput,
  unpackFloat32,
  unpackInt32,
  VerdictState,
  type ApplyRuleResponse,
  type RuleReport,
} from '@hone/contracts';
import { LIMITS } from '@hone/limits';
import { callBidi, callUnary } from '@hone/rpc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { config as configOf, judged, problem, RIGHT, startPairBuilder, WRONG, type Request } from './testing/server.ts';

let server: Awaited<ReturnType<typeof startPairBuilder>>;
beforeAll(async () => {
  server = await startPairBuilder();
});
afterAll(() => server.close());

const config = (per_problem: number): Request => configOf('cycle', { per_problem });

async function apply(messages: Request[]): Promise<{ records: ApplyRuleResponse['message'][]; report: RuleReport }> {
  async function* requests() {
    for (const message of messages) yield messageOf(ApplyRuleRequest, message);
  }
  const records: ApplyRuleResponse['message'][] = [];
  for await (const { message } of callBidi(server.rules, 'applyRule', requests())) records.push(message);
  const last = records.pop();
  if (last?.$case !== 'report') throw new Error('the last message must be the report');
  return { records, report: last.value };
}

async function build(messages: Request[]) {
  const { records, report } = await apply(messages);
  const groups = records.map((record) => {
    if (record?.$case !== 'group') throw new Error('all but the last message must be groups');
    return record.value;
  });
  return { groups, report };
}

async function demonstrate(messages: Request[]) {
  const { records, report } = await apply(messages);
  const examples = records.map((record) => {
    if (record?.$case !== 'example') throw new Error('all but the last message must be examples');
    return record.value;
  });
  return { examples, report };
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
  expect(report).toMatchObject({ problems: 1, problemsUsed: 1, pairs: group!.pairs.length });
  expect(report.rule).toMatch(/^cycle\/\d+$/);
});

test('completions without exact log-probs come without those of the reference, to be compared, and the report counts them', async () => {
  const rounded = (token: number, verdict: typeof RIGHT) => {
    const { completion } = judged(token, verdict);
    return { completion: { ...completion, exactLogProbs: false }, verdict };
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
  const sampled = groups.map(({ completions }) =>
    completions.map((it) => [...unpackFloat32(it.sampledLogProbs, 'it')]),
  );
  expect(sampled).toEqual([
    [[], []],
    [
      [-0.5, -0.75],
      [-0.5, -1],
    ],
  ]);
  expect(report.inexactLogProbs).toBe(2);
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
    problemsUsed: 0,
    problemsAllRight: 1,
    problemsAllWrong: 1,
    problemsEmpty: 2,
    completions: { correct: 2, wrong: 2, truncated: 1, error: 1 },
    dropped: { truncated: 1, errors: 1 },
    pairs: 0,
  });
});

test('a completion that was sampled twice occurs once', async () => {
  const completions = [judged(3, RIGHT, 0), judged(3, RIGHT, 1), judged(4, WRONG, 2)];
  const { groups, report } = await build([config(4), problem('p', completions)]);
  expect(groups[0]!.completions.map((completion) => completion.sampleIndex).sort()).toEqual([0, 2]);
  expect(groups[0]!.pairs).toHaveLength(1);
  expect(report.dropped).toEqual({ duplicates: 1 });
});

test('the same input gives the same pairs', async () => {
  const completions = Array.from({ length: 12 }, (_, index) => judged(3 + index, index % 3 ? WRONG : RIGHT));
  const messages = [config(6), problem('p', completions), problem('q', completions)];
  expect(await build(messages)).toEqual(await build(messages));
});

test.each<[string, Request[]]>([
  ['config', []],
  ['config', [problem('p', [judged(3, RIGHT)])]],
  ['config', [config(1), config(1)]],
  ['config.settings.per_problem', [config(0)]],
  ['config.settings.per_problem', [config(-1)]],
  ['config.rule', [configOf('no-such')]],
  ['config.rule', [configOf('')]],
  ['config.settings.per_problem', [config(LIMITS.pairsPerProblem + 1)]],
  ['config.settings.per_problem', [config(Number.NaN)]],
  ['config.settings.per_problem', [configOf('cycle', { per_problem: [[1]] })]],
  ['config.settings.unscorable', [configOf('cycle', { unscorable: 'keep' })]],
  ['config.settings.K', [configOf('cycle', { K: 1 })]],
  ['config.settings.per_problem', [configOf('gold-solutions', { per_problem: 1 })]],
  ['message', [config(1), {}]],
  ['problem.problem', [configOf('gold-solutions'), problem('p', [])]],
  ['problem.problem.prompt', [configOf('gold-solutions'), problem('p', [], { solution: 's' })]],
  [
    'problem.completions[1].completion.sample_index',
    [config(1), problem('p', [judged(3, RIGHT, 0), judged(4, WRONG, 0)])],
  ],
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

test('all broken settings are told at once', async () => {
  await expect(build([configOf('cycle', { per_problem: 0, unscorable: 1, other: 1 })])).rejects.toMatchObject({
    violations: ['per_problem', 'unscorable', 'other'].map((name) => ({ field: `config.settings.${name}` })),
  });
});

test('a config alone is answered with the report, in which all settings are', async () => {
  const { groups, report } = await build([configOf('cycle', { truncated_lose: true })]);
  expect(groups).toEqual([]);
  expect(report).toMatchObject({
    rule: 'cycle/1',
    problems: 0,
    settings: { per_problem: 10, unscorable: 'loser', truncated_lose: true },
  });
});

test('right samples become examples with their own tokens', async () => {
  const { examples, report } = await demonstrate([
    configOf('right-samples', { per_problem: 1 }),
    problem('p', [judged(3, RIGHT), judged(4, WRONG)]),
    problem('q', [judged(5, RIGHT), judged(6, RIGHT)]),
  ]);
  expect(examples).toMatchObject([{ id: 'p#3' }, { id: expect.stringMatching(/^q#[56]$/) }]);
  expect([...unpackInt32(examples[0]!.promptTokenIds, 'prompt')]).toEqual([1, 9]);
  expect([...unpackInt32(examples[0]!.completionTokenIds, 'completion')]).toEqual([3, 2]);
  expect(report).toMatchObject({ rule: 'right-samples/1', examples: 2, pairs: 0, dropped: { over_limit: 1 } });
});

test('a gold solution becomes an example in the form of its prompt, without any sample', async () => {
  const messages = [{ role: 'user', content: '2 + 2?' }];
  const { examples, report } = await demonstrate([
    configOf('gold-solutions'),
    problem('text', [], { prompt: { content: { $case: 'text', value: '2 + 2 =' } }, solution: ' 4' }),
    problem('chat', [], { prompt: { content: { $case: 'chat', value: { messages } } }, solution: 'It is 4.' }),
    problem('none', [], { prompt: { content: { $case: 'text', value: '?' } } }),
  ]);
  expect(examples).toMatchObject([
    { id: 'text', promptText: '2 + 2 =', completionText: ' 4' },
    {
      id: 'chat',
      promptChat: { messages },
      completionChat: { messages: [{ role: 'assistant', content: 'It is 4.' }] },
    },
  ]);
  expect(report).toMatchObject({ examples: 2, problemsEmpty: 1, dropped: { without_solution: 1 } });
});

test('rules are listed with the schema of their settings, a page at a time where asked', async () => {
  const list = (pageSize = 0, pageToken = '') =>
    callUnary(server.rules, 'listRules', ListRulesRequest.fromPartial({ pageSize, pageToken }));
  const { rules, nextPageToken } = await list();
  expect(nextPageToken).toBe('');
  const cycle = rules.find(({ name }) => name === 'cycle')!;
  expect(cycle).toMatchObject({
    name: 'cycle',
    version: 1,
    source: expect.stringContaining('2404.19733'),
    produces: RuleOutput.PAIRS,
    needs: { verdicts: true, solutions: false },
  });
  expect(JSON.parse(cycle.settingsSchemaJson)).toMatchObject({
    properties: { per_problem: { default: 10, minimum: 1, description: expect.any(String) } },
  });
  const first = await list(1);
  const rest = await list(0, first.nextPageToken);
  expect([...first.rules, ...rest.rules]).toEqual(rules);
  await expect(list(0, 'x')).rejects.toMatchObject({ violations: [{ field: 'page_token' }] });
  await expect(list(-1)).rejects.toMatchObject({ violations: [{ field: 'page_size' }] });
});
