import {
  FinishReason,
  GroupAnswersRequest,
  ListScorersRequest,
  messageOf,
  ScoreRequest,
  ScorerServiceClient,
  VerdictState,
  type PartialMessage,
} from '@hone/contracts';
import { callUnary, connect, startServer, type RunningServer, type ServiceParts } from '@hone/rpc';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScorerService } from './server.ts';

/** The built one: a process needs JavaScript. */
const worker = new URL('../../../dist/scorer/worker.mjs', import.meta.url);
let parts: ServiceParts;
let server: RunningServer;
let client: ScorerServiceClient;

beforeAll(async () => {
  parts = await createScorerService({ threads: 2, logger: pino({ level: 'silent' }) }, worker);
  server = await startServer({ address: '127.0.0.1:0', services: parts.services });
  client = connect(ScorerServiceClient, server.address);
});
afterAll(async () => {
  client.close();
  await server.close(100);
  await parts.close();
});

type Fields = PartialMessage<ScoreRequest>;
const score = (fields: Fields) => callUnary(client, 'score', messageOf(ScoreRequest, fields));
const item = (id: string, completion: string, finishReason = FinishReason.STOP) => ({
  id,
  completion,
  finishReason,
  gold: '12',
});

test('items are judged in their order, each by its own id', async () => {
  const items = [
    item('right', '3 * 4 = 12 #### 12'),
    item('wrong', 'It is 13. #### 13'),
    item('silent', 'I do not know'),
    item('cut', '3 * 4 = 1', FinishReason.LENGTH),
  ];
  const { verdicts } = await score({ scorer: 'gsm8k', items });
  expect(verdicts).toMatchObject([
    { id: 'right', state: VerdictState.SCORED, score: 1, extractedAnswer: '12', scorer: 'gsm8k' },
    { id: 'wrong', state: VerdictState.SCORED, score: 0, extractedAnswer: '13' },
    { id: 'silent', state: VerdictState.UNSCORABLE, extractedAnswer: '' },
    { id: 'cut', state: VerdictState.TRUNCATED, extractedAnswer: '' },
  ]);
  expect(verdicts[0]!.scorerVersion).not.toBe('');
  expect(verdicts[0]!.rule).not.toBe('');
});

test('the span of a verdict cuts the answer out of the completion', async () => {
  const completion = 'Four times three. #### 12';
  const { verdicts } = await score({ scorer: 'gsm8k', items: [item('a', completion)] });
  const { start, end } = verdicts[0]!.span!;
  expect(completion.slice(start, end)).toContain('12');
});

test('multiple choice is judged with the options of the item', async () => {
  const choices = ['A', 'B', 'C'].map((label) => ({ label, text: `option ${label}` }));
  const completion = 'Because of that. Final answer: (B)';
  const items = ['B', 'C'].map((gold) => ({ ...item(gold, completion), gold, choices }));
  const { verdicts } = await score({ scorer: 'choice', items });
  expect(verdicts.map((verdict) => verdict.score)).toEqual([1, 0]);
});

test('an item that a scorer cannot work with is an ERROR that says why, and the others are judged', async () => {
  const items = [{ ...item('bad', '#### 12'), gold: 'not a number' }, item('good', '#### 12')];
  const { verdicts } = await score({ scorer: 'gsm8k', items });
  expect(verdicts[0]).toMatchObject({ id: 'bad', state: VerdictState.ERROR, scorer: 'gsm8k' });
  expect(verdicts[0]!.message).toMatch(/gold/);
  expect(verdicts[1]).toMatchObject({ id: 'good', state: VerdictState.SCORED, score: 1 });
});

test.each<[string, Fields]>([
  ['scorer', { scorer: 'no-such', items: [item('a', '')] }],
  ['config.pattern', { scorer: 'regex', config: { pattern: '(' }, items: [item('a', '')] }],
  ['config.mode', { scorer: 'gsm8k', config: { mode: 'x' }, items: [item('a', '')] }],
  ['item_timeout_ms', { scorer: 'gsm8k', itemTimeoutMs: -1, items: [item('a', '')] }],
  ['items', { scorer: 'gsm8k', items: [] }],
  ['items', { scorer: 'gsm8k', items: Array.from({ length: 1001 }, () => item('a', '')) }],
])('a request that breaks a rule is refused with the field: %s', async (field, fields) => {
  await expect(score(fields)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field }] });
});

test('where it is asked for, a verdict says what each layer saw', async () => {
  const completion = '<think>13?</think>\n\nSo #### 12\n\nQuestion: and now?\n#### 14';
  const { verdicts } = await score({ scorer: 'gsm8k', items: [item('a', completion)], explain: true });
  const { explanation } = verdicts[0]!;
  expect(explanation.map(({ layer }) => layer)).toEqual([
    ...['completion', 'thinking', 'cut', 'read', 'rule', 'parsed', 'gold', 'compared'],
  ]);
  const [, thinking] = explanation;
  expect(completion.slice(thinking!.span!.start, thinking!.span!.end)).toBe('<think>13?</think>');
  const silent = await score({ scorer: 'gsm8k', items: [item('a', '<think>13?')], explain: true });
  expect(silent.verdicts[0]!.explanation.at(-1)!.text).toMatch(/UNSCORABLE: .*thinking/);
  expect((await score({ scorer: 'gsm8k', items: [item('a', completion)] })).verdicts[0]!.explanation).toEqual([]);
});

const group = (fields: PartialMessage<GroupAnswersRequest>) =>
  callUnary(client, 'groupAnswers', messageOf(GroupAnswersRequest, fields));

test('answers are grouped by what the scorer holds equal', async () => {
  const sets = [
    { answers: ['x=5', '6', '5', '6', '5'] },
    { answers: ['(x+1)^2', 'x^2+2x+1', 'x^2'] },
    { answers: ['60^\\circ', '60', '5\\text{ cm}', '5', 'Even', 'even'] },
  ];
  expect((await group({ scorer: 'math', sets })).sets).toEqual([
    { first: [0, 1, 0, 1, 0] },
    { first: [0, 0, 2] },
    { first: [0, 0, 2, 2, 4, 4] },
  ]);
  expect((await group({ scorer: 'gsm8k', sets: [{ answers: ['5', '6', '5'] }] })).sets).toEqual([{ first: [0, 1, 0] }]);
});

test.each<[string, PartialMessage<GroupAnswersRequest>]>([
  ['scorer', { scorer: 'no-such', sets: [{ answers: ['1'] }] }],
  ['sets', { scorer: 'math', sets: [] }],
  ['sets[1].answers', { scorer: 'math', sets: [{ answers: ['1'] }, { answers: [] }] }],
])('sets that break a rule are refused with the field: %s', async (field, fields) => {
  await expect(group(fields)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field }] });
});

const EXPONENTIAL = { pattern: '^(a+)+$' };
const hanging = (id: string): ReturnType<typeof item> => item(id, `${'a'.repeat(60)}!`);

test('an item that runs into the deadline costs itself only, and is an ERROR, not a 0', async () => {
  const items = Array.from({ length: 130 }, (_, index) =>
    index % 60 === 7 ? hanging(`${index}`) : item(`${index}`, '12'),
  );
  const { verdicts } = await score({ scorer: 'regex', config: EXPONENTIAL, itemTimeoutMs: 300, items });
  expect(verdicts.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  for (const [index, { state, message, score: value }] of verdicts.entries()) {
    if (index % 60 === 7) {
      expect(message).toMatch(/300 ms/);
      expect({ state, value }).toEqual({ state: VerdictState.ERROR, value: 0 });
    } else expect(state).toBe(VerdictState.UNSCORABLE);
  }
});

test('other calls are answered while an item hangs', async () => {
  const slow = score({ scorer: 'regex', config: EXPONENTIAL, itemTimeoutMs: 1500, items: [hanging('slow')] });
  let ended = false;
  void slow.then(() => (ended = true));
  const { verdicts } = await score({ scorer: 'gsm8k', items: [item('a', '#### 12')] });
  expect([verdicts[0]!.score, ended]).toEqual([1, false]);
  expect((await slow).verdicts[0]!.state).toBe(VerdictState.ERROR);
});

test('a caller that cancels is let go at once, and the scorer works on', async () => {
  const controller = new AbortController();
  const request = messageOf(ScoreRequest, { scorer: 'regex', config: EXPONENTIAL, items: [hanging('slow')] });
  const call = callUnary(client, 'score', request, { signal: controller.signal });
  controller.abort();
  await expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
  const { verdicts } = await score({ scorer: 'gsm8k', items: [item('a', '#### 12')] });
  expect(verdicts[0]!.score).toBe(1);
});

test('100,000 random strings crash nothing, and no scorer exceeds its deadline', async () => {
  const choices = ['A', 'B', 'C'].map((label) => ({ label, text: `option ${label}` }));
  const configs: Record<string, Record<string, string>> = { regex: { pattern: '(\\w+)\\W*$' } };
  const texts = randomTexts(7);
  for (const scorer of ['gsm8k', 'choice', 'exact', 'regex', 'math']) {
    for (let call = 0; call < 20; call += 1) {
      const gold = scorer === 'choice' ? 'B' : '12';
      const items = Array.from({ length: 1000 }, (_, index) => ({ ...item(`${index}`, texts()), gold, choices }));
      const { verdicts } = await score({ scorer, config: configs[scorer] ?? {}, items });
      const failed = verdicts.filter(
        ({ state, message }) => state === VerdictState.ERROR && /ms|process/.test(message),
      );
      expect(failed.map(({ id, message }) => [items[Number(id)]!.completion, message])).toEqual([]);
    }
  }
});

/** Texts of random characters and of pieces that mean something to scorers, the same in every run. */
function randomTexts(seed: number): () => string {
  const pieces = [
    '\\boxed{',
    '}',
    '####',
    'answer is ',
    '(B)',
    '12',
    '/',
    '=',
    '^',
    '\\frac',
    '{',
    '$',
    ' ',
    '\n',
    ',',
    '.',
    '-',
    '²',
  ];
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const piece = (): string => (next(2) === 0 ? pieces[next(pieces.length)]! : String.fromCharCode(next(0x3000)));
  return () => Array.from({ length: next(40) }, piece).join('');
}

test('scorers are listed by name, page by page', async () => {
  const list = (pageSize: number, pageToken: string) =>
    callUnary(client, 'listScorers', ListScorersRequest.fromPartial({ pageSize, pageToken }));
  const { scorers: all, nextPageToken } = await list(0, '');
  expect(nextPageToken).toBe('');
  const names = all.map((scorer) => scorer.name);
  expect(names).toEqual([...names].sort());
  expect(names).toEqual(expect.arrayContaining(['choice', 'exact', 'gsm8k']));
  const paged: string[] = [];
  for (let token = ''; ;) {
    const page = await list(1, token);
    paged.push(...page.scorers.map((scorer) => scorer.name));
    token = page.nextPageToken;
    if (token === '') break;
  }
  expect(paged).toEqual(names);
});

test('a page token that this server did not give is refused', async () => {
  const request = ListScorersRequest.fromPartial({ pageToken: 'elsewhere' });
  await expect(callUnary(client, 'listScorers', request)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
