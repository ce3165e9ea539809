import {
  FinishReason,
  ListScorersRequest,
  messageOf,
  ScoreRequest,
  ScorerServiceClient,
  VerdictState,
  type PartialMessage,
} from '@hone/contracts';
import { callUnary, connect, startServer, type RunningServer } from '@hone/rpc';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScorerService } from './server.ts';

let server: RunningServer;
let client: ScorerServiceClient;

beforeAll(async () => {
  const { services } = await createScorerService();
  server = await startServer({ address: '127.0.0.1:0', services });
  client = connect(ScorerServiceClient, server.address);
});
afterAll(async () => {
  client.close();
  await server.close(100);
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
  ['items', { scorer: 'gsm8k', items: [] }],
  ['items', { scorer: 'gsm8k', items: Array.from({ length: 1001 }, () => item('a', '')) }],
])('a request that breaks a rule is refused with the field: %s', async (field, fields) => {
  await expect(score(fields)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', violations: [{ field }] });
});

test('scorers are listed by name, page by page', async () => {
  const list = (pageSize: number, pageToken: string) =>
    callUnary(client, 'listScorers', ListScorersRequest.fromPartial({ pageSize, pageToken }));
  const { scorers: all, nextPageToken } = await list(0, '');
  expect(nextPageToken).toBe('');
  const names = all.map((scorer) => scorer.name);
  expect(names).toEqual([...names].sort());
  expect(names).toEqual(expect.arrayContaining(['scorers/choice', 'scorers/exact', 'scorers/gsm8k']));
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
