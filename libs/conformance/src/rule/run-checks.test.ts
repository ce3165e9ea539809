import {
  ApplyRuleRequest,
  ApplyRuleResponse,
  ListRulesResponse,
  messageOf,
  RuleOutput,
  RuleServiceService,
  VerdictState,
  type JudgedProblem,
  type PartialMessage,
  type Rule,
  type RuleConfig,
} from '@hone/contracts';
import { invalidArgument, invalidArguments, type FieldViolation } from '@hone/errors';
import { bidiStream, startServer, unary } from '@hone/rpc';
import { afterEach, expect, test } from 'vitest';
import { checkRules } from './run-checks.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const SCHEMA = {
  type: 'object',
  properties: { margin: { type: 'integer', minimum: 0, maximum: 9, default: 1, description: 'How far apart.' } },
  additionalProperties: false,
};
const MINE: PartialMessage<Rule> = {
  name: 'mine',
  version: 2,
  summary: 'first right over first wrong',
  source: 'this test',
  settingsSchemaJson: JSON.stringify(SCHEMA),
  produces: RuleOutput.PAIRS,
  needs: { verdicts: true, solutions: false },
};

type Message = PartialMessage<NonNullable<ApplyRuleResponse['message']>>;
type Group = Extract<Message, { $case: 'group' }>['value'];
interface Counts {
  problems: number;
  pairs: number;
  used: number;
  completions: number;
}

/** The first right completion over the first wrong one. */
function groupOf({ problemId, promptTokenIds, completions }: JudgedProblem): Group | undefined {
  const find = (score: number) =>
    completions.find(({ verdict }) => verdict!.state === VerdictState.SCORED && verdict!.score === score);
  const sides = [find(1), find(0)].flatMap((judged) => (judged ? [judged.completion!] : []));
  if (sides.length < 2) return undefined;
  const used = sides.map(({ sampleIndex, tokenIds }) => ({ sampleIndex, tokenIds }));
  return { problemId, promptTokenIds, completions: used, pairs: [{ chosen: 0, rejected: 1 }] };
}

function checkConfig({ rule, settings = {} }: RuleConfig): void {
  if (rule !== 'mine') throw invalidArgument('config.rule', 'is unknown');
  const violations: FieldViolation[] = [];
  for (const [name, value] of Object.entries(settings)) {
    const inRange = name === 'margin' && typeof value === 'number' && value >= 0 && value <= 9;
    if (!inRange) violations.push({ field: `config.settings.${name}`, description: 'is wrong' });
  }
  if (violations.length > 0) throw invalidArguments(violations);
}

function checkProblem({ problemId, completions }: JudgedProblem): void {
  if (problemId === '') throw invalidArgument('problem.problem_id', 'is empty');
  if (completions.length === 0) throw invalidArgument('problem.completions', 'is empty');
  if (completions.some(({ verdict }) => !verdict)) throw invalidArgument('problem.completions', 'has no verdict');
}

interface Behaviour {
  rule: PartialMessage<Rule>;
  checkFirst(message: ApplyRuleRequest['message'] | undefined): RuleConfig;
  checkConfig(config: RuleConfig): void;
  checkProblem(problem: JudgedProblem): void;
  group(problem: JudgedProblem, counts: Counts): Group | undefined;
  report(
    counts: Counts,
    config: RuleConfig,
  ): PartialMessage<NonNullable<Extract<Message, { $case: 'report' }>['value']>>;
  gathers: boolean;
}

const KEEPING: Behaviour = {
  rule: MINE,
  checkFirst(message) {
    if (message?.$case !== 'config') throw invalidArgument('config', 'must come first');
    return message.value;
  },
  checkConfig,
  checkProblem,
  group: groupOf,
  report: ({ problems, pairs, used, completions }, { settings }) => ({
    rule: 'mine/2',
    problems,
    pairs,
    problemsUsed: used,
    problemsEmpty: problems - used,
    completions: { correct: completions },
    settings: { margin: 1, ...settings },
  }),
  gathers: false,
};

async function* applied(requests: AsyncIterable<ApplyRuleRequest>, behaviour: Behaviour): AsyncGenerator<Message> {
  const counts = { problems: 0, pairs: 0, used: 0, completions: 0 };
  const held: Message[] = [];
  const messages = requests[Symbol.asyncIterator]();
  try {
    const first = await messages.next();
    const config = behaviour.checkFirst(first.done ? undefined : first.value.message);
    behaviour.checkConfig(config);
    for (let next = await messages.next(); !next.done; next = await messages.next()) {
      const { message } = next.value as ApplyRuleRequest;
      if (message?.$case !== 'problem') throw invalidArgument('message', 'must be a problem');
      behaviour.checkProblem(message.value);
      counts.problems += 1;
      counts.completions += message.value.completions.length;
      const value = behaviour.group(message.value, counts);
      if (!value) continue;
      counts.used += 1;
      counts.pairs += value.pairs!.length;
      if (behaviour.gathers) held.push({ $case: 'group', value });
      else yield { $case: 'group', value };
    }
    yield* held;
    yield { $case: 'report', value: behaviour.report(counts, config) };
  } finally {
    await messages.return?.();
  }
}

async function failures(changed: Partial<Behaviour>, timeoutMs = 10_000): Promise<string[]> {
  const behaviour = { ...KEEPING, ...changed };
  const applyRule = bidiStream(async function* (requests: AsyncIterable<ApplyRuleRequest>) {
    for await (const message of applied(requests, behaviour)) yield messageOf(ApplyRuleResponse, { message });
  });
  const listRules = unary(async () => messageOf(ListRulesResponse, { rules: [behaviour.rule] }));
  const services = [{ definition: RuleServiceService, implementation: { applyRule, listRules } }];
  const server = await startServer({ address: '127.0.0.1:0', services });
  closing.push(() => server.close(10));
  return failuresAt(server.address, timeoutMs);
}

async function failuresAt(address: string, timeoutMs: number): Promise<string[]> {
  const failed: string[] = [];
  for await (const result of checkRules({ address, settings: {}, timeoutMs, manyProblems: 600 }, []))
    if (!result.passed) {
      expect(result.problem).not.toBe('');
      failed.push(result.check);
    }
  return failed;
}

test('a rule that keeps the contract passes', async () => {
  expect(await failures({})).toEqual([]);
});

/** The rule's groups, changed. */
const changing =
  (change: (group: Group, counts: Counts) => void) =>
  (problem: JudgedProblem, counts: Counts): Group | undefined => {
    const group = groupOf(problem);
    if (group) change(group, counts);
    return group;
  };
let calls = 0;

test.each<[string, string[], Partial<Behaviour>]>([
  ['without a source', ['listing'], { rule: { ...MINE, source: '' } }],
  ['that does not say what it makes', ['listing', 'answers'], { rule: { ...MINE, produces: RuleOutput.UNSPECIFIED } }],
  ['whose schema is none', ['listing'], { rule: { ...MINE, settingsSchemaJson: '[' } }],
  ['that rejects what it chooses', ['answers'], { group: changing(({ pairs }) => (pairs![0]!.rejected = 0)) }],
  ['that pairs beyond the end', ['answers'], { group: changing(({ pairs }) => (pairs![0]!.rejected = 2)) }],
  [
    'that invents a completion',
    ['answers'],
    { group: changing(({ completions }) => (completions![0]!.tokenIds = Buffer.from([9, 0, 0, 0]))) },
  ],
  [
    'that leaves out its settings',
    ['config alone'],
    { report: (counts, config) => ({ ...KEEPING.report(counts, config), settings: {} }) },
  ],
  [
    'of another version',
    ['config alone', 'answers'],
    { report: (counts, config) => ({ ...KEEPING.report(counts, config), rule: 'mine/1' }) },
  ],
  [
    'that miscounts',
    ['answers', 'report'],
    { report: (counts, config) => ({ ...KEEPING.report({ ...counts, pairs: 1, used: 1 }, config), problemsEmpty: 0 }) },
  ],
  ['that makes nothing', ['makes something'], { group: () => undefined }],
  [
    'that draws anew at every call',
    ['deterministic', 'independent', 'cancelled calls'],
    { group: changing((group) => (group.completions![0]!.referenceLogProb = -(calls += 1))) },
  ],
  [
    'that looks at the problems before',
    ['independent'],
    { group: changing((group, { problems }) => (group.completions![0]!.referenceLogProb = -problems)) },
  ],
  [
    'that takes any setting',
    ['unknown settings', 'ranges'],
    { checkConfig: ({ rule }) => checkConfig({ rule, settings: {}, seed: 0n }) },
  ],
  [
    'that refuses settings without a name',
    ['unknown settings', 'ranges'],
    {
      checkConfig: (config) => {
        try {
          checkConfig(config);
        } catch {
          throw invalidArgument('config', 'is wrong');
        }
      },
    },
  ],
  [
    'that needs no config',
    ['bad streams'],
    {
      checkFirst: (message) => (message?.$case === 'config' ? message.value : { rule: 'mine', settings: {}, seed: 0n }),
    },
  ],
  ['that takes empty problems', ['empty problems'], { checkProblem: () => {} }],
])('a rule %s fails %j', { timeout: 60_000 }, async (_, names, changed) => {
  expect(await failures(changed)).toEqual(names);
});

test('a rule that gathers all problems before it answers the first is found out', { timeout: 60_000 }, async () => {
  // What it is waited for in vain.
  expect(await failures({ gathers: true }, 3_000)).toEqual(['many problems']);
});

test('where nothing listens, the checks of the server fail and no others are made', async () => {
  expect(await failuresAt('127.0.0.1:1', 500)).toEqual(['health', 'reflection', 'list']);
});
