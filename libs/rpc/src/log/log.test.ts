import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetRunRequest,
  OrchestratorServiceClient,
  OrchestratorServiceService,
  Run,
  SamplerServiceClient,
  SamplerServiceService,
  SampleRequest,
  TrainRequest,
} from '@hone/contracts';
import { HoneError, internal, invalidArgument } from '@hone/errors';
import { afterEach, expect, test, vi } from 'vitest';
import {
  callServerStream,
  callUnary,
  connect,
  createLogger,
  serverStream,
  startServer,
  unary,
  withLogContext,
} from '../index.ts';
import { secretsOf } from './secrets.ts';
import { openOperations, trainingOf } from '../testing/operations.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.splice(0).reverse()) await close();
});

type Line = Record<string, unknown>;
function log(): { readonly lines: Line[]; logger: ReturnType<typeof createLogger> } {
  const lines: Line[] = [];
  const write = (chunk: Buffer, _: string, done: () => void): void => {
    lines.push(JSON.parse(chunk.toString()) as Line);
    done();
  };
  return { lines, logger: createLogger('tested', 'info', new Writable({ write })) };
}

async function serveRuns(getRun: (name: string) => Promise<never>) {
  const { lines, logger } = log();
  const implementation = new Proxy({}, { get: () => unary(({ name }: { name: string }) => getRun(name)) });
  const server = await startServer({
    address: '127.0.0.1:0',
    services: [{ definition: OrchestratorServiceService, implementation }],
    logger,
  });
  const client = connect(OrchestratorServiceClient, server.address);
  closers.push(
    () => server.close(100),
    () => client.close(),
  );
  return { lines, client };
}

test('a call that fails of a defect leaves one line: time, level, service, method, run, code, message, cause and stack', async () => {
  const { lines, client } = await serveRuns(async () => {
    throw new TypeError('x is not a function', { cause: new Error('the cause of it') });
  });
  await expect(callUnary(client, 'getRun', GetRunRequest.fromPartial({ name: 'runs/abc' }))).rejects.toMatchObject({
    code: 'INTERNAL',
  });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    level: 'error',
    service: 'tested',
    method: 'hone.orchestrator.v1.OrchestratorService/GetRun',
    run: 'runs/abc',
    code: 'INTERNAL',
    message: 'x is not a function',
    cause: 'the cause of it',
    stack: expect.stringMatching(
      /TypeError: x is not a function\n\s+at .*log\.test\.ts[^]*caused by: Error: the cause of it/,
    ),
  });
});

test("a caller's own mistake is one line without a stack; a call that succeeds or is cancelled behind its end leaves none", async () => {
  const { lines, client } = await serveRuns(async (name) => {
    if (name === 'runs/good') return Run.fromPartial({}) as never;
    throw invalidArgument('name', 'must be runs/{run}');
  });
  await callUnary(client, 'getRun', GetRunRequest.fromPartial({ name: 'runs/good' }));
  await expect(callUnary(client, 'getRun', GetRunRequest.fromPartial({ name: 'x' }))).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
  await sleep(50);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ level: 'info', code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
  expect(lines[0]).not.toHaveProperty('stack');
  expect(lines[0]).not.toHaveProperty('run');
});

test('an unanswered call whose deadline passed is DEADLINE_EXCEEDED in the log; one that was left is CANCELLED', async () => {
  const leave = new AbortController();
  const { lines, client } = await serveRuns(async (name) => {
    if (name === 'runs/first') return Run.fromPartial({}) as never;
    if (name === 'runs/b') leave.abort();
    return new Promise(() => {});
  });
  // The connection is there before time counts.
  await callUnary(client, 'getRun', GetRunRequest.fromPartial({ name: 'runs/first' }));
  const { signal } = leave;
  await expect(
    callUnary(client, 'getRun', GetRunRequest.fromPartial({ name: 'runs/a' }), { timeoutMs: 300 }),
  ).rejects.toThrow();
  await expect(
    callUnary(client, 'getRun', GetRunRequest.fromPartial({ name: 'runs/b' }), { signal }),
  ).rejects.toThrow();
  await vi.waitFor(() => expect(lines).toHaveLength(2));
  expect(lines.map(({ run, code }) => [run, code])).toEqual([
    ['runs/a', 'DEADLINE_EXCEEDED'],
    ['runs/b', 'CANCELLED'],
  ]);
});

test('a stream that fails leaves its cause; the run that a caller works for is named, whatever the request says', async () => {
  const { lines, logger } = log();
  // eslint-disable-next-line require-yield
  async function* fails(): AsyncGenerator<never> {
    throw internal('the stream broke', new Error('why'));
  }
  const server = await startServer({
    address: '127.0.0.1:0',
    services: [
      {
        definition: SamplerServiceService,
        implementation: {
          sample: serverStream(fails),
          computeLogProbs: unary(() => Promise.reject(new Error('unused'))),
        },
      },
    ],
    logger,
  });
  const client = connect(SamplerServiceClient, server.address);
  closers.push(
    () => server.close(100),
    () => client.close(),
  );
  const call = withLogContext({ run: 'runs/xyz' }, () =>
    callServerStream(client, 'sample', SampleRequest.fromPartial({})).next(),
  );
  await expect(call).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(lines).toMatchObject([{ run: 'runs/xyz', message: 'the stream broke', cause: 'why', level: 'error' }]);
});

test('an operation that fails leaves a line with its cause, and says what it was started for', async () => {
  const { lines, logger } = log();
  const registry = await openOperations({ logger });
  const kind = trainingOf(async () => {
    const cause = new Error('SIGSEGV');
    throw new HoneError({ code: 'UNAVAILABLE', reason: 'WORKER_ENDED', message: 'it died', cause });
  });
  await withLogContext({ method: 'hone.trainer.v1.TrainerService/Train', run: 'runs/r' }, () =>
    registry.start(kind, TrainRequest.fromPartial({}), { id: '', digest: '' }),
  );
  await vi.waitFor(() => expect(lines).toHaveLength(1));
  expect(lines[0]).toMatchObject({
    level: 'warn',
    code: 'UNAVAILABLE',
    reason: 'WORKER_ENDED',
    cause: 'SIGSEGV',
    run: 'runs/r',
    method: 'hone.trainer.v1.TrainerService/Train',
    operation: expect.stringMatching(/^operations\//),
  });
});

test('no secret of the environment stands in a log, nor the password of any URL', () => {
  vi.stubEnv('HF_TOKEN', 'hf_abcdefghijk');
  vi.stubEnv('HONE_JUDGE_MAIN', 'judge-key"1');
  vi.stubEnv('HONE_JUDGE_MAIN_ENDPOINT', 'https://judge.example');
  vi.stubEnv('DATABASE_URL', 'postgresql://hone:p%40ssword@db.example/hone');
  const lines: string[] = [];
  const write = (chunk: Buffer, _: string, done: () => void): void => (lines.push(chunk.toString()), done());
  const logger = createLogger('tested', 'info', new Writable({ write }));
  const cause = Object.assign(new Error('Invalid URL'), { input: 'postgresql://a:hidden123@b' });
  logger.error(
    { err: internal('no', cause), header: 'Bearer hf_abcdefghijk' },
    'p@ssword, p%40ssword, judge-key"1, https://u:other-pw@h/x',
  );
  const text = lines.join('');
  for (const secret of ['hf_abcdefghijk', 'p@ssword', 'p%40ssword', 'judge-key', 'hidden123', 'other-pw'])
    expect(text).not.toContain(secret);
  expect(JSON.parse(text)).toMatchObject({ message: '[redacted], [redacted], [redacted], https://u:[redacted]@h/x' });
  expect(
    secretsOf({ HONE_JUDGE_MAIN_ENDPOINT: 'https://judge.example', A_TOKEN: 'abc' })('abc at https://judge.example'),
  ).toBe('abc at https://judge.example');
});

test('a long line is looked through in time that grows as it does', () => {
  const clean = secretsOf({});
  // Were each place gone on from to the end, these would take minutes.
  for (const part of ['a', ':', '://', '://u:', 'a://u:p'])
    expect(clean(part.repeat(400_000 / part.length))).toHaveLength(part.length * Math.floor(400_000 / part.length));
});
