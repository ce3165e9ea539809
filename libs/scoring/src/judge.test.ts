import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import {
  CombinationRule,
  GroupAnswersResponse,
  messageOf,
  ScoreItem,
  ScoreResponse,
  ScorerRef,
  ScorerServiceService,
  VerdictState,
  type GroupAnswersRequest,
  type PartialMessage,
  type ScoreRequest,
} from '@hone/contracts';
import { ReplicaSets, startServer, unary, type RunningServer, type ServiceBinding } from '@hone/rpc';
import { afterEach, describe, expect, test } from 'vitest';
import { nameOfScorer, openJudge, type Judge } from './index.ts';

type Said = PartialMessage<ScoreResponse>;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A scorer's server; notes the ids that each call asked for. */
function scorer(answer: (request: ScoreRequest) => Said | Promise<Said>, asked: string[][] = []): ServiceBinding {
  const score = unary(async (request: ScoreRequest) => {
    asked.push(request.items.map(({ id }) => id));
    return messageOf(ScoreResponse, await answer(request));
  });
  const listScorers = unary(async () => ({
    scorers: [{ name: 'test', version: '7', description: '', settings: {} }],
    nextPageToken: '',
  }));
  return { definition: ScorerServiceService, implementation: { score, listScorers } };
}

async function serve(binding: ServiceBinding): Promise<RunningServer> {
  const server = await startServer({ address: '127.0.0.1:0', services: [binding] });
  closing.push(() => server.close(10));
  return server;
}

function open(fields: PartialMessage<ScorerRef>, ownAddress = '127.0.0.1:1'): Judge {
  const servers = new ReplicaSets({ own: { scorer: ownAddress } });
  closing.push(() => servers.close());
  return openJudge(messageOf(ScorerRef, fields), { servers });
}

const items = (...ids: string[]): ScoreItem[] =>
  ids.map((id) => messageOf(ScoreItem, { id, completion: id, gold: '1' }));
/** Right where the completion says so, unscorable where it says nothing. */
const byText = ({ items: asked }: ScoreRequest): Said => ({
  verdicts: asked.map(({ id, completion }) => ({
    id,
    state: completion === 'silent' ? VerdictState.UNSCORABLE : VerdictState.SCORED,
    score: completion === 'right' ? 1 : 0,
    scorer: 'test',
    scorerVersion: '7',
  })),
});

test('a reference without an address is the own scorer; its settings travel with every call', async () => {
  const configs: unknown[] = [];
  const { address } = await serve(
    scorer((request) => {
      configs.push(request.config);
      return byText(request);
    }),
  );
  const { verdicts } = await open({ name: 'test', config: { pattern: 'x' } }, address).judge(items('right', 'wrong'));
  expect(verdicts.map(({ score }) => score)).toEqual([1, 0]);
  expect(configs).toEqual([{ pattern: 'x' }]);
});

test('a scorer that is too late gives errors, never zeros', async () => {
  const { address } = await serve(scorer(async (request) => sleep(60_000).then(() => byText(request))));
  const { verdicts } = await open({ name: 'test', address, timeoutMs: 100 }).judge(items('a', 'b'));
  expect(verdicts.map(({ id, state }) => [id, state])).toEqual([
    ['a', VerdictState.ERROR],
    ['b', VerdictState.ERROR],
  ]);
  expect(verdicts[0]!.message).toMatch(/100 ms/);
});

test.each<[string, Said, RegExp]>([
  ['too few', { verdicts: [] }, /0 verdicts for 1 items/],
  ['another id', { verdicts: [{ id: 'b', state: VerdictState.SCORED }] }, /"b" where that of "a"/],
  ['no state', { verdicts: [{ id: 'a' }] }, /no state/],
  ['a score of 2', { verdicts: [{ id: 'a', state: VerdictState.SCORED, score: 2 }] }, /score 2/],
  ['a score that is no number', { verdicts: [{ id: 'a', state: VerdictState.SCORED, score: NaN }] }, /score NaN/],
])('a scorer that answers with %s is named as the one at fault', async (_, said, message) => {
  const { address } = await serve(scorer(() => said));
  const judged = open({ name: 'test', address }).judge(items('a'));
  await expect(judged).rejects.toMatchObject({ reason: 'BAD_SCORER', message: expect.stringMatching(message) });
});

test('in a combination by the first answer, a scorer is asked only about what is open', async () => {
  const [first, second]: string[][][] = [[], []];
  const one = await serve(scorer(byText, first));
  const two = await serve(
    scorer(
      ({ items: asked }) => byText({ items: asked.map((it) => ({ ...it, completion: 'right' })) } as ScoreRequest),
      second,
    ),
  );
  const scorers = [one, two].map(({ address }) => ({ name: 'test', address }));
  const ref = { combination: { rule: CombinationRule.FIRST_SCORED, scorers } };
  const { verdicts } = await open(ref).judge(items('wrong', 'silent', 'right'));
  expect(verdicts.map(({ score }) => score)).toEqual([0, 1, 1]);
  expect([first, second]).toEqual([[['wrong', 'silent', 'right']], [['silent']]]);
  expect(new Set(verdicts.map(({ scorerVersion }) => scorerVersion))).toEqual(new Set(['7+7']));
});

test('in other combinations all scorers judge everything', async () => {
  const one = await serve(scorer(byText));
  const scorers = [{ name: 'test' }, { name: 'test', address: one.address, timeoutMs: 5000 }];
  const ref = { combination: { rule: CombinationRule.ALL, scorers } };
  const { verdicts } = await open(ref, one.address).judge(items('wrong', 'silent', 'right'));
  expect(verdicts.map(({ state, score }) => [state, score])).toEqual([
    [VerdictState.SCORED, 0],
    [VerdictState.UNSCORABLE, 0],
    [VerdictState.SCORED, 1],
  ]);
  expect(verdicts[0]!.scorer).toBe('all(test, test)');
  expect(nameOfScorer(messageOf(ScorerRef, ref))).toBe('all(test, test)');
});

/** A scorer that holds answers equal that begin with the same letter. */
function grouping(): ServiceBinding {
  const { definition, implementation } = scorer(byText);
  const groupAnswers = unary(async ({ sets }: GroupAnswersRequest) =>
    messageOf(GroupAnswersResponse, {
      sets: sets.map(({ answers }) => ({
        first: answers.map((answer) => answers.findIndex((other) => other[0] === answer[0])),
      })),
    }),
  );
  return { definition, implementation: { ...implementation, groupAnswers } };
}

test('answers are grouped as the scorer says, or by their text where it does not', async () => {
  const sets = [['ab', 'ac', 'b', 'ab'], ['c']];
  const [says, silent] = [await serve(grouping()), await serve(scorer(byText))];
  const name = 'test';
  expect(await open({ name, address: says.address }).groupAnswers(sets)).toEqual([[0, 0, 2, 0], [0]]);
  expect(await open({ name, address: silent.address }).groupAnswers(sets)).toEqual([[0, 1, 2, 0], [0]]);
  const scorers = [
    { name, address: silent.address },
    { name, address: says.address },
  ];
  const both = open({ combination: { rule: CombinationRule.ANY, scorers } });
  expect(await both.groupAnswers(sets)).toEqual([[0, 0, 2, 0], [0]]);
});

test('a scorer whose groups do not name a first answer is named as the one at fault', async () => {
  const { definition, implementation } = scorer(byText);
  for (const first of [[1, 1], [0], [0, 2], [-1, 0]]) {
    const groupAnswers = unary(async () => messageOf(GroupAnswersResponse, { sets: [{ first }] }));
    const { address } = await serve({ definition, implementation: { ...implementation, groupAnswers } });
    const grouped = open({ name: 'test', address }).groupAnswers([['a', 'b']]);
    await expect(grouped).rejects.toMatchObject({ reason: 'BAD_SCORER' });
  }
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasOpenssl())('over TLS (needs openssl)', () => {
  test('a scorer is reached with the certificates of the reference, and not without', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hone-tls-'));
    closing.push(() => rmSync(folder, { recursive: true }));
    const [key, certificate] = [path.join(folder, 'key.pem'), path.join(folder, 'certificate.pem')];
    const subject = ['-subj', '/CN=scorer.test', '-addext', 'subjectAltName=DNS:scorer.test', '-days', '1'];
    const made = ['-keyout', key, '-out', certificate, '-nodes', '-newkey', 'rsa:2048'];
    execFileSync('openssl', ['req', '-x509', ...made, ...subject], { stdio: 'ignore' });
    const pair = { private_key: readFileSync(key), cert_chain: readFileSync(certificate) };
    const server = new Server();
    const { definition, implementation } = scorer(byText);
    server.addService(definition, implementation);
    const port = await new Promise<number>((resolve, reject) => {
      const credentials = ServerCredentials.createSsl(readFileSync(certificate), [pair], true);
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    closing.push(() => server.forceShutdown());
    const address = `127.0.0.1:${port}`;
    const tls = { rootCertificateFile: certificate, serverName: 'scorer.test' };
    const shown = { clientCertificateFile: certificate, clientKeyFile: key };
    const { verdicts } = await open({ name: 'test', address, tls: { ...tls, ...shown } }).judge(items('right'));
    expect(verdicts[0]!.score).toBe(1);
    for (const refused of [
      { name: 'test', address },
      { name: 'test', address, tls },
      { name: 'test', address, tls: shown },
    ])
      await expect(open(refused).judge(items('right'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
