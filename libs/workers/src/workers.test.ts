import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { spawnWorker, type Worker } from './index.ts';

const fixture = `
import { serveWorker } from './index.ts';
import { invalidArgument, cancelled } from '@hone/errors';
const until = (signal) => new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
serveWorker({
  double: (request) => ({ values: request.values.map((value) => value * 2) }),
  fail: () => { throw invalidArgument('sampling.temperature', 'must be at least 0'); },
  defect: () => { throw new TypeError('x is undefined'); },
  wait: async (_, { signal, emit }) => { await emit('started'); await until(signal); throw cancelled(); },
  count: async ({ to }, { emit }) => { for (let i = 0; i < to; i++) await emit(i); return to; },
  flood: async (_, { signal, emit }) => { let sent = 0; while (!signal.aborted) { await emit(sent++); } return sent; },
  exit: () => { process.stderr.write('last words'); process.exit(7); },
  hang: () => { for (;;); },
  print: () => { process.stdout.write('a line\\n'); },
  spin: () => { const end = process.cpuUsage().user + 3e4; while (process.cpuUsage().user < end); },
});
`;

let folder: string;
let entry: URL;
const workers: Worker[] = [];
const start = (options = {}): Worker => {
  const worker = spawnWorker(entry, { logger: { warn: () => {} }, ...options });
  workers.push(worker);
  return worker;
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hone-workers-'));
  const outfile = path.join(folder, 'worker.mjs');
  const resolveDir = path.dirname(fileURLToPath(import.meta.url));
  await build({ stdin: { contents: fixture, resolveDir }, outfile, bundle: true, platform: 'node', format: 'esm' });
  entry = pathToFileURL(outfile);
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('typed arrays cross in both directions', async () => {
  const result = await start().call('double', { values: new Float32Array([1, 2.5]) });
  expect(result).toEqual({ values: new Float32Array([2, 5]) });
});

test('an error keeps its code, reason and field violations', async () => {
  await expect(start().call('fail', null)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    violations: [{ field: 'sampling.temperature', description: 'must be at least 0' }],
  });
});

test('a defect comes as INTERNAL with the stack of the child', async () => {
  const failure = start().call('defect', null);
  await expect(failure).rejects.toMatchObject({ code: 'INTERNAL', message: 'x is undefined' });
  await expect(failure).rejects.toHaveProperty('stack', expect.stringContaining('worker.mjs'));
});

test('an unknown method is an error that names it', async () => {
  await expect(start().call('nothing', null)).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('"nothing"'),
  });
});

test('events arrive in order and before the result', async () => {
  const seen: number[] = [];
  const onEvent = async (event: number): Promise<void> => {
    await Promise.resolve();
    seen.push(event);
  };
  await expect(start().call('count', { to: 300 }, { onEvent })).resolves.toBe(300);
  expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => index));
});

test('a caller that does not take events holds the child back', async () => {
  const controller = new AbortController();
  let taken = 0;
  const started = deferred();
  const gate = deferred();
  const onEvent = async (): Promise<void> => {
    taken += 1;
    started.resolve();
    await gate.promise;
  };
  const worker = start();
  const call = worker.call<null, number, number>('flood', null, { onEvent, signal: controller.signal });
  await started.promise;
  // The child answers this after it has filled its window and waits.
  await worker.usage();
  controller.abort();
  gate.resolve();
  const sent = await call;
  expect(sent).toBeLessThanOrEqual(65);
  expect(taken).toBe(sent);
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

test('aborting a call aborts the signal of its handler, and other calls go on', async () => {
  const controller = new AbortController();
  const worker = start();
  const waiting = worker.call('wait', null, { signal: controller.signal, onEvent: () => controller.abort() });
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  await expect(worker.call('double', { values: [1] })).resolves.toEqual({ values: [2] });
});

test('a call that is aborted before it starts never reaches the child', async () => {
  await expect(start().call('hang', null, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});

test('an onEvent that throws fails the call and cancels it in the child', async () => {
  const worker = start();
  const onEvent = (): never => {
    throw new Error('no room');
  };
  await expect(worker.call('wait', null, { onEvent })).rejects.toMatchObject({ message: 'no room' });
  await expect(worker.usage()).resolves.toBeDefined();
});

test('the death of the child rejects its calls, naming exit code and last output', async () => {
  const worker = start();
  const waiting = worker.call('wait', null);
  const exiting = worker.call('exit', null);
  const death = { code: 'UNAVAILABLE', message: expect.stringMatching(/exit code 7.*last words/s) };
  await expect(waiting).rejects.toMatchObject(death);
  await expect(exiting).rejects.toMatchObject(death);
  await worker.exited;
  expect(worker.alive).toBe(false);
  await expect(worker.call('double', { values: [] })).rejects.toMatchObject(death);
});

test('a killed child is told by the name of the signal', async () => {
  const worker = start();
  const hanging = worker.call('wait', null, { onEvent: () => void process.kill(worker.pid as number, 'SIGKILL') });
  await expect(hanging).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('SIGKILL') });
});

test('signals to the process group are left to the parent', async () => {
  const worker = start();
  await worker.usage();
  process.kill(worker.pid as number, 'SIGINT');
  process.kill(worker.pid as number, 'SIGTERM');
  await expect(worker.call('double', { values: [3] })).resolves.toEqual({ values: [6] });
});

test('usage counts the CPU time and memory of the child', async () => {
  const worker = start();
  const before = await worker.usage();
  await worker.call('spin', null);
  const after = await worker.usage();
  expect(after.cpuSeconds - before.cpuSeconds).toBeGreaterThanOrEqual(0.03);
  expect(after.peakMemoryBytes).toBeGreaterThan(10e6);
});

test('what the child prints goes to the logger', async () => {
  const lines: string[] = [];
  const worker = start({ logger: { warn: (_: object, text: string) => lines.push(text) } });
  await worker.call('print', null);
  await worker.close();
  expect(lines).toContain('a line');
});

test('close ends the process and fails later calls', async () => {
  const worker = start();
  const waiting = worker.call('wait', null, { onEvent: () => void worker.close() });
  await expect(waiting).rejects.toMatchObject({ code: expect.stringMatching(/CANCELLED|UNAVAILABLE/) });
  await worker.exited;
  await expect(worker.usage()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('kill ends a process whose handler never returns, and fails its call', async () => {
  const worker = start();
  await worker.usage();
  const hanging = worker.call('hang', null);
  const failed = expect(hanging).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await worker.kill();
  await failed;
  expect(worker.alive).toBe(false);
});

test('an entry that is not built is an error with the command that builds it', () => {
  const missing = pathToFileURL(path.join(folder, 'missing.mjs'));
  expect(() => spawnWorker(missing)).toThrow(/npm run build/);
});

test('a worker ends when its parent dies', async () => {
  // A parent that starts the worker, prints its pid, and is then killed.
  const parentFile = path.join(folder, 'parent.mjs');
  const resolveDir = path.dirname(fileURLToPath(import.meta.url));
  const contents = `import { spawnWorker } from './index.ts';
    const worker = spawnWorker(new URL(${JSON.stringify(entry.href)}));
    worker.call('wait', null, { onEvent: () => process.send(worker.pid) });`;
  await build({ stdin: { contents, resolveDir }, outfile: parentFile, bundle: true, platform: 'node', format: 'esm' });
  const { fork } = await import('node:child_process');
  const parent = fork(parentFile, [], { execArgv: [] });
  const pid = await new Promise<number>((resolve) => parent.once('message', (message) => resolve(message as number)));
  parent.kill('SIGKILL');
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
