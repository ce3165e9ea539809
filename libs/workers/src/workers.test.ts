import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { spawnWorker, Stopped, type Worker, WorkerSlots } from './index.ts';

const fixture = `
import { serveWorker, withinLimit } from './index.ts';
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
  hangSoon: async (_, { emit }) => { await emit('started'); setTimeout(() => { for (;;); }, 50); await until(new AbortController().signal); },
  endless: ({ limitMs }) => withinLimit(limitMs, () => { for (;;); }),
  limited: ({ limitMs }) => withinLimit(limitMs, () => 'done'),
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

test('a worker that dies leaves a line with what it died of; it has none of the keys of its service', async () => {
  vi.stubEnv('HONE_JUDGE_MAIN', 'secret');
  const lines: [object, string][] = [];
  const worker = start({ logger: { warn: (fields: object, text: string) => void lines.push([fields, text]) } });
  await worker.call('print', null);
  const variables = readFileSync(`/proc/${worker.pid}/environ`, 'utf8');
  expect(variables).not.toContain('HONE_JUDGE_MAIN');
  expect(variables).toContain('PATH=');
  process.kill(worker.pid!, 'SIGSEGV');
  await worker.exited;
  expect(lines).toContainEqual([
    expect.objectContaining({ workerPid: worker.pid, signal: 'SIGSEGV' }),
    expect.stringMatching(/was killed by SIGSEGV.*a line/s),
  ]);
  vi.unstubAllEnvs();
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

test('synchronous work that takes longer than its limit ends the process, and its calls say why', async () => {
  const worker = start();
  await expect(worker.call('limited', { limitMs: 1 })).resolves.toBe('done');
  await expect(worker.call('endless', { limitMs: 100 })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('took longer than it may'),
  });
});

/** Kills a parent process whose worker runs this method, once it has begun; gives the worker's pid. */
async function orphan(method: string): Promise<number> {
  const parentFile = path.join(folder, `parent-of-${method}.mjs`);
  const resolveDir = path.dirname(fileURLToPath(import.meta.url));
  const contents = `import { spawnWorker } from './index.ts';
    const worker = spawnWorker(new URL(${JSON.stringify(entry.href)}));
    worker.call('${method}', null, { onEvent: () => setTimeout(() => process.send(worker.pid), 200) });`;
  await build({ stdin: { contents, resolveDir }, outfile: parentFile, bundle: true, platform: 'node', format: 'esm' });
  const { fork } = await import('node:child_process');
  const parent = fork(parentFile, [], { execArgv: [] });
  const pid = await new Promise<number>((resolve) => parent.once('message', (message) => resolve(message as number)));
  parent.kill('SIGKILL');
  return pid;
}

test.each(['wait', 'hangSoon'])('a worker ends when its parent dies, whatever it does (%s)', async (method) => {
  const pid = await orphan(method);
  await expect.poll(() => isRunning(pid), { timeout: 30_000 }).toBe(false);
});

function slots(size: number): WorkerSlots {
  const made = new WorkerSlots(entry, size, { logger: { warn: () => {} } });
  workers.push(made as unknown as Worker);
  return made;
}

test('a piece of work that takes too long is stopped, and the next one has a fresh process', async () => {
  const one = slots(1);
  const hanging = one.run({ method: 'hang', request: null, timeoutMs: 300 });
  await expect(hanging).rejects.toBeInstanceOf(Stopped);
  const next = one.run({ method: 'double', request: { values: [2] }, timeoutMs: 20_000 });
  await expect(next).resolves.toEqual({ values: [4] });
});

test('a cancelled piece of work ends at once, also where it keeps its process busy or still waits', async () => {
  const one = slots(1);
  const controller = new AbortController();
  const { signal } = controller;
  const hanging = one.run({ method: 'hang', request: null, timeoutMs: 1e6, signal });
  const waiting = one.run({ method: 'double', request: { values: [] }, timeoutMs: 1e6, signal });
  const ends = [hanging, waiting].map((call) => expect(call).rejects.toMatchObject({ code: 'CANCELLED' }));
  controller.abort();
  await Promise.all(ends);
  const next = one.run({ method: 'double', request: { values: [1] }, timeoutMs: 20_000 });
  await expect(next).resolves.toEqual({ values: [2] });
});

test('one owner never has all processes: the work of others goes on beside it', async () => {
  const two = slots(2);
  const controller = new AbortController();
  const endless = { method: 'hang', request: null, timeoutMs: 1e6, owner: 'a', signal: controller.signal };
  const hanging = [two.run(endless), two.run(endless), two.run(endless)];
  const other = two.run({ method: 'double', request: { values: [3] }, timeoutMs: 20_000, owner: 'b' });
  await expect(other).resolves.toEqual({ values: [6] });
  controller.abort();
  for (const { status } of await Promise.allSettled(hanging)) expect(status).toBe('rejected');
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
