import { setTimeout as sleep } from 'node:timers/promises';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import {
  FinishReason,
  messageOf,
  ScorerServiceService,
  Verdict,
  VerdictState,
  type ScoreItem,
  type ScoreRequest,
} from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { startServer, unary } from '@hone/rpc';
import { afterEach, expect, test } from 'vitest';
import { checkScorers } from './run-checks.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A small scorer that keeps the contract: what stands behind the last "Final answer:" is the gold answer. */
function judge({ id, completion, gold, finishReason }: ScoreItem): Verdict {
  const common = { id, scorer: 'mine', scorerVersion: '1' };
  if (gold === '') return messageOf(Verdict, { ...common, state: VerdictState.ERROR, message: 'gold is empty' });
  const own = completion.split('\n\nQuestion:')[0]!;
  const from = own.lastIndexOf('Final answer:') + 'Final answer:'.length;
  const answer = own.slice(from).trim();
  if (!own.includes('Final answer:') || answer === '') {
    const state = finishReason === FinishReason.LENGTH ? VerdictState.TRUNCATED : VerdictState.UNSCORABLE;
    return messageOf(Verdict, { ...common, state, message: 'no answer' });
  }
  const span = { start: from, end: own.length };
  const said = { score: answer === gold ? 1 : 0, extractedAnswer: answer, normalGold: gold, span, rule: 'final' };
  return messageOf(Verdict, { ...common, state: VerdictState.SCORED, ...said });
}

function checkRequest({ scorer, items, config }: ScoreRequest): void {
  if (scorer !== 'mine') throw invalidArgument('scorer', 'is unknown');
  if (items.length === 0) throw invalidArgument('items', 'must not be empty');
  if (Object.keys(config).length > 0) throw invalidArgument('config', 'has an unknown setting');
}

interface Behaviour {
  check(request: ScoreRequest): void;
  judge(item: ScoreItem, index: number): Verdict | Promise<Verdict>;
  verdicts(verdicts: Verdict[]): Verdict[];
  onAbort(): void;
}

function implementation(changed: Partial<Behaviour>) {
  const behaviour: Behaviour = { check: checkRequest, judge, verdicts: (all) => all, onAbort: () => {}, ...changed };
  const score = unary(async (request: ScoreRequest, { signal }) => {
    behaviour.check(request);
    // Longer than the kit waits before it cancels.
    if (request.items.length === 20) await sleep(100);
    if (signal.aborted) behaviour.onAbort();
    return { verdicts: behaviour.verdicts(await Promise.all(request.items.map(behaviour.judge))), usage: undefined };
  });
  const mine = { name: 'mine', version: '1', description: '', settings: {} };
  const listScorers = unary(async () => ({ scorers: [mine], nextPageToken: '' }));
  return { score, listScorers };
}

async function failures(address: string): Promise<string[]> {
  const failed: string[] = [];
  for await (const result of checkScorers({ address, config: {}, timeoutMs: 1000 }, []))
    if (!result.passed) {
      expect(result.problem).not.toBe('');
      failed.push(result.check);
    }
  return failed;
}

async function serve(changed: Partial<Behaviour>): Promise<string> {
  const services = [{ definition: ScorerServiceService, implementation: implementation(changed) }];
  const server = await startServer({ address: '127.0.0.1:0', services });
  closing.push(() => server.close(10));
  return server.address;
}

test('a scorer that keeps the contract passes', async () => {
  expect(await failures(await serve({}))).toEqual([]);
});

const always = (fields: Partial<Verdict>) => (item: ScoreItem) => ({ ...judge(item), ...fields });
let calls = 0;
let broken = false;

test.each<[string, string[], Partial<Behaviour>]>([
  [
    'that finds everything right',
    ['wrong', 'truncated', 'empty answers', 'several answers', 'answer in the prompt', 'empty gold'],
    { judge: always({ state: VerdictState.SCORED, score: 1 }) },
  ],
  [
    'that finds everything wrong',
    ['right', 'empty gold', 'full batch', 'deadlines'],
    { judge: (item) => ({ ...judge(item), score: 0 }) },
  ],
  [
    'that answers in another order',
    ['form', 'deterministic', 'empty gold', 'full batch'],
    { verdicts: (all) => all.toReversed() },
  ],
  [
    'that leaves out a verdict',
    ['form', 'deterministic', 'empty gold', 'full batch'],
    { verdicts: (all) => (all.length > 1 ? all.slice(1) : all) },
  ],
  ['with scores above 1', ['form'], { judge: (item) => ({ ...judge(item), score: judge(item).score * 2 }) }],
  [
    'without a state',
    ['wrong', 'form', 'truncated', 'long input'],
    { judge: (item) => (judge(item).score === 1 ? judge(item) : { ...judge(item), state: VerdictState.UNSPECIFIED }) },
  ],
  ['of another version', ['version'], { judge: always({ scorerVersion: '2' }) }],
  ['that does not name itself', ['form', 'long input'], { judge: always({ scorer: '' }) }],
  [
    'that does not know cut-off completions',
    ['truncated'],
    { judge: (item) => judge({ ...item, finishReason: FinishReason.STOP }) },
  ],
  ['whose verdicts change', ['deterministic'], { judge: (item) => ({ ...judge(item), rule: `${(calls += 1)}` }) }],
  [
    'that reads the first answer',
    ['several answers'],
    { judge: (item) => judge({ ...item, completion: item.completion.split('. No')[0]! }) },
  ],
  [
    'that reads the prompt',
    ['answer in the prompt'],
    { judge: (item) => judge({ ...item, completion: `${item.prompt}${item.completion}` }) },
  ],
  [
    'that takes any text behind a box for right',
    ['empty answers'],
    {
      judge: (item) =>
        item.completion === '\\boxed{}' ? always({ state: VerdictState.SCORED, score: 1 })(item) : judge(item),
    },
  ],
  [
    'that fails on an empty gold',
    ['empty gold'],
    {
      judge: (item) => {
        if (item.gold === '') throw new Error('no gold');
        return judge(item);
      },
    },
  ],
  ['that takes any request', ['bad requests'], { check: () => {} }],
  [
    'that hangs on long input',
    ['long input'],
    {
      judge: async (item) => {
        if (item.completion.startsWith('((((')) await sleep(3000);
        return judge(item);
      },
    },
  ],
  [
    'with spans beyond the end',
    ['form'],
    { judge: (item) => ({ ...judge(item), ...(judge(item).span && { span: { start: 0, end: 10_000_000 } }) }) },
  ],
  [
    'that takes few items',
    ['full batch'],
    {
      check: (request) => {
        checkRequest(request);
        if (request.items.length > 100) throw invalidArgument('items', 'are too many');
      },
    },
  ],
  [
    'that breaks when a call ends early',
    ['deadlines'],
    {
      check: (request) => {
        checkRequest(request);
        if (broken) throw new Error('broken');
      },
      onAbort: () => (broken = true),
    },
  ],
])('a scorer %s fails %j', async (_, names, changed) => {
  expect(await failures(await serve(changed))).toEqual(names);
});

test('a server without health and reflection fails these by name', async () => {
  const server = new Server();
  server.addService(ScorerServiceService, implementation({}));
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  closing.push(() => server.forceShutdown());
  expect(await failures(`127.0.0.1:${port}`)).toEqual(['health', 'reflection']);
});

test('where nothing listens, the checks of the server fail and no others are made', async () => {
  expect(await failures('127.0.0.1:1')).toEqual(['health', 'reflection', 'list']);
});
