import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { ListOperationsRequest, OperationsClient, TrainMetadata, TrainRequest, TrainResponse } from '@hone/contracts';
import type { Operation } from '@hone/contracts';
import { invalidArgument, throwIfAborted } from '@hone/errors';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ownerOf, type ProcessOwner } from '@hone/artifacts';
import { callUnary, connect } from '../client.ts';
import { startServer } from '../server.ts';
import { fromStatus } from '../status.ts';
import { openOperations, operationsFolder, trainingOf } from '../testing/operations.ts';
import type { RunningOperation } from './kind.ts';
import { OperationRecords } from './records.ts';
import { operationNameOf, type OperationRegistry } from './registry.ts';

const ID = '0b0a3c1e-0000-4000-8000-000000000001';
const REQUEST = TrainRequest.fromPartial({ requestId: ID, checkpoint: 'checkpoints/a', seed: 7n });
const identity = (digest = 'one', id = ID) => ({ id, digest });
const never = new AbortController().signal;

/** Work that goes from the step that it is given to this one, unless it is stopped before. */
const counting = (from: number, to: number, seen: TrainRequest[] = []) =>
  trainingOf(async (request, { report, signal }) => {
    seen.push(request);
    for (let step = from; step <= to; step++) {
      report(TrainMetadata.fromPartial({ step, totalSteps: to }));
      await sleep(5, undefined, { signal }).catch(() => undefined);
      throwIfAborted(signal);
    }
    return TrainResponse.fromPartial({ steps: to });
  });

/** Work that does not end by itself, after it has said how far it is. */
const endless = (step: number) =>
  trainingOf(async (_, { report, signal }: RunningOperation<TrainMetadata>) => {
    report(TrainMetadata.fromPartial({ step }));
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    throwIfAborted(signal);
    return TrainResponse.fromPartial({});
  });

const stepOf = ({ metadata }: Operation): number => (metadata ? TrainMetadata.decode(metadata.value).step : -1);

function errorOf({ result }: Operation) {
  if (result?.$case !== 'error') throw new Error('it has no error');
  return fromStatus(result.value);
}

/** An owner that has died. */
async function deadOwner(): Promise<ProcessOwner> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 60_000)']);
  const owner = await ownerOf(child.pid!);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return owner;
}

const fileOf = (folder: string, name: string): string => path.join(folder, `${name.split('/')[1]}.json`);

async function change(folder: string, name: string, fields: object): Promise<void> {
  const record = JSON.parse(await readFile(fileOf(folder, name), 'utf8')) as object;
  await writeFile(fileOf(folder, name), JSON.stringify({ ...record, ...fields }));
}

/** An operation that was under way when its process was killed, at a step. */
async function killedAt(step: number, fields: object = {}): Promise<{ folder: string; name: string }> {
  const folder = await operationsFolder();
  const registry = await openOperations({ folder });
  const { name } = await registry.start(endless(step), REQUEST, identity());
  await vi.waitFor(async () => expect(stepOf(await registry.get(name))).toBe(step));
  await registry.close();
  await change(folder, name, { owner: await deadOwner(), ...fields });
  return { folder, name };
}

const ended = (registry: OperationRegistry, name: string): Promise<Operation> => registry.wait(name, 5_000, never);

test('an operation that ended is found by its name after a restart, with its metadata and its response', async () => {
  const folder = await operationsFolder();
  const first = await openOperations({ folder });
  const { name } = await first.start(counting(1, 3), REQUEST, identity());
  const before = await ended(first, name);
  await first.close();
  const after = await (await openOperations({ folder })).get(name);
  expect(after).toEqual(before);
  expect(stepOf(after)).toBe(3);
  expect(after.done && after.result?.$case === 'response').toBe(true);
});

test('an error is the same after a restart, with its reason and the fields at fault', async () => {
  const folder = await operationsFolder();
  const first = await openOperations({ folder });
  const failing = trainingOf(async () => {
    throw invalidArgument('spec.batch_size', 'must be at least 1');
  });
  const { name } = await first.start(failing, REQUEST, identity());
  await ended(first, name);
  await first.close();
  const error = errorOf(await (await openOperations({ folder })).get(name));
  expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
  expect(error.violations).toEqual([{ field: 'spec.batch_size', description: 'must be at least 1' }]);
});

test('what was under way goes on by itself with its request, and its metadata never falls', async () => {
  const { folder, name } = await killedAt(5);
  const seen: TrainRequest[] = [];
  const second = await openOperations({ folder, kinds: [counting(1, 8, seen)] });
  const steps: number[] = [];
  for (let operation = await second.get(name); !operation.done; operation = await second.get(name)) {
    steps.push(stepOf(operation));
    await sleep(2);
  }
  expect(steps.length).toBeGreaterThan(0);
  expect(Math.min(...steps)).toBe(5);
  expect(steps).toEqual(steps.toSorted((one, other) => one - other));
  expect(seen).toEqual([REQUEST]);
  const operation = await second.get(name);
  expect(operation.result?.$case === 'response' && TrainResponse.decode(operation.result.value.value).steps).toBe(8);
});

test('an orderly end lays work down, and the next process goes on with it', async () => {
  const folder = await operationsFolder();
  const first = await openOperations({ folder });
  const { name } = await first.start(endless(2), REQUEST, identity());
  await first.close();
  expect((await first.get(name)).done).toBe(false);
  const second = await openOperations({ folder, kinds: [counting(1, 4)] });
  expect((await ended(second, name)).result?.$case).toBe('response');
});

test('what nobody can go on with is ABORTED with reason SERVICE_RESTARTED', async () => {
  const { folder, name } = await killedAt(5);
  const second = await openOperations({ folder });
  expect(errorOf(await second.get(name))).toMatchObject({ code: 'ABORTED', reason: 'SERVICE_RESTARTED' });
});

test('work over which process after process ended is given up', async () => {
  const { folder, name } = await killedAt(5, { deaths: 10 });
  const seen: TrainRequest[] = [];
  const second = await openOperations({ folder, kinds: [counting(1, 8, seen)] });
  expect(errorOf(await second.get(name))).toMatchObject({ code: 'ABORTED', reason: 'SERVICE_RESTARTED' });
  expect(seen).toEqual([]);
});

test('what is not gone on with at once is gone on with as soon as somebody asks for it', async () => {
  const { folder, name } = await killedAt(5);
  const second = await openOperations({ folder, kinds: [counting(1, 8)], resume: false });
  expect(await second.get(name)).toMatchObject({ name, done: false });
  expect((await second.known(identity()))?.name).toBe(name);
  expect((await ended(second, name)).result?.$case).toBe('response');
});

test('after a restart the same request id finds the operation, and another payload is refused', async () => {
  const { folder, name } = await killedAt(5);
  const second = await openOperations({ folder, kinds: [counting(1, 8)] });
  expect((await second.start(counting(1, 8), REQUEST, identity())).name).toBe(name);
  await expect(second.start(counting(1, 8), REQUEST, identity('another'))).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('request_id: was used for another request'),
  });
});

test('calls with one request id at the same time are one operation', async () => {
  const registry = await openOperations();
  const seen: TrainRequest[] = [];
  const start = () => registry.start(counting(1, 2, seen), REQUEST, identity());
  const names = (await Promise.all([start(), start(), start()])).map(({ name }) => name);
  expect(new Set(names).size).toBe(1);
  await ended(registry, names[0]!);
  expect(seen).toHaveLength(1);
});

test('a cancelled operation is cancelled after a restart too, though its process was killed before it had ended', async () => {
  const { folder, name } = await killedAt(5);
  await writeFile(path.join(folder, `${name.split('/')[1]}.cancel`), '');
  const seen: TrainRequest[] = [];
  const second = await openOperations({ folder, kinds: [counting(1, 8, seen)] });
  expect(errorOf(await second.get(name)).code).toBe('CANCELLED');
  expect(seen).toEqual([]);
  expect((await readdir(folder)).filter((file) => file.endsWith('.cancel'))).toEqual([]);
});

test('cancelling ends the work, also after a restart', async () => {
  const { folder, name } = await killedAt(5);
  const second = await openOperations({ folder, kinds: [endless(6)] });
  await second.cancel(name);
  expect(errorOf(await ended(second, name)).code).toBe('CANCELLED');
});

test('an operation of another process that lives is seen, and left to it; it ends when it is cancelled', async () => {
  const folder = await operationsFolder();
  const first = await openOperations({ folder });
  const { name } = await first.start(endless(3), REQUEST, identity());
  const seen: TrainRequest[] = [];
  const second = await openOperations({ folder, kinds: [counting(1, 8, seen)] });
  expect(await second.get(name)).toMatchObject({ name, done: false });
  expect((await second.start(counting(1, 8, seen), REQUEST, identity())).name).toBe(name);
  await second.cancel(name);
  expect(errorOf(await second.wait(name, 10_000, never)).code).toBe('CANCELLED');
  expect(seen).toEqual([]);
}, 20_000);

test('an owner on another machine is gone when it has not been heard of for a while', async () => {
  const { folder, name } = await killedAt(5, { owner: { pid: 1, host: 'another.example', startTime: '' } });
  const second = await openOperations({ folder, kinds: [counting(1, 8)] });
  expect((await second.wait(name, 50, never)).done).toBe(false);
  const long = new Date(Date.now() - 60_000);
  await utimes(fileOf(folder, name), long, long);
  expect((await ended(second, name)).done).toBe(true);
});

test('a record that is damaged hides no other, and stays for who wants to look at it', async () => {
  const { folder, name } = await killedAt(5);
  const damaged = path.join(folder, '00000000-0000-4000-8000-000000000000.json');
  await writeFile(damaged, '{"version":1,');
  const second = await openOperations({ folder, kinds: [counting(1, 8)] });
  expect((await ended(second, name)).done).toBe(true);
  expect(await readFile(damaged, 'utf8')).toBe('{"version":1,');
});

test('what ended more than 14 days ago is forgotten, and so is what is older than the last thousand', async () => {
  const { folder, name } = await killedAt(5);
  const second = await openOperations({ folder, kinds: [counting(1, 6)] });
  await ended(second, name);
  await second.close();
  const record = JSON.parse(await readFile(fileOf(folder, name), 'utf8')) as { operation: object };
  const day = 86_400_000;
  const now = Date.now();
  const write = async (index: number, ageMs: number): Promise<void> => {
    const id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    const operation = { ...record.operation, name: `operations/${id}` };
    const endTime = new Date(now - ageMs).toISOString();
    await writeFile(path.join(folder, `${id}.json`), JSON.stringify({ ...record, operation, endTime, requestId: '' }));
  };
  for (let index = 0; index < 1_005; index++) await write(index, day + index);
  await write(2_000, 15 * day);
  const third = await openOperations({ folder });
  const kept = new Set((await third.all()).map(({ operation }) => operation.name.slice(-4)));
  expect(kept.size).toBe(1_000);
  expect(['2000', '1004', '0999'].filter((end) => kept.has(end))).toEqual([]);
  expect(kept.has('0998')).toBe(true);
  expect((await readdir(folder)).filter((file) => file.endsWith('.json'))).toHaveLength(1_000);
});

test('a page token of before a restart gives the next page after it', async () => {
  const folder = await operationsFolder();
  const serve = async () => {
    const registry = await openOperations({ folder });
    const server = await startServer({ address: '127.0.0.1:0', services: [registry.service] });
    const client = connect(OperationsClient, server.address);
    onTestFinished(() => client.close());
    onTestFinished(() => server.close(0));
    const list = (fields: object) => callUnary(client, 'listOperations', ListOperationsRequest.fromPartial(fields));
    return { registry, list };
  };
  const first = await serve();
  const names: string[] = [];
  for (let index = 0; index < 5; index++) {
    const { name } = await first.registry.start(counting(1, 1), REQUEST, identity(`${index}`, ''));
    names.push(name);
    await ended(first.registry, name);
    await sleep(2);
  }
  const page = await first.list({ pageSize: 2 });
  expect(page.operations.map(({ name }) => name)).toEqual(names.slice(0, 2));
  const second = await serve();
  const next = await second.list({ pageSize: 2, pageToken: page.nextPageToken });
  expect(next.operations.map(({ name }) => name)).toEqual(names.slice(2, 4));
  const last = await second.list({ pageToken: next.nextPageToken });
  expect(last).toMatchObject({ operations: [{ name: names[4] }], nextPageToken: '' });
  await expect(second.list({ pageToken: '2' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  await expect(second.list({ filter: 'done = true' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('an operation whose record cannot be written is refused, and nothing is begun', async () => {
  const folder = await operationsFolder();
  const registry = await openOperations({ folder });
  const seen: TrainRequest[] = [];
  vi.spyOn(OperationRecords.prototype, 'write').mockRejectedValueOnce(new Error('no space'));
  await expect(registry.start(counting(1, 2, seen), REQUEST, identity())).rejects.toThrow('no space');
  expect(seen).toEqual([]);
  expect((await registry.start(counting(1, 2, seen), REQUEST, identity())).name).toMatch(/^operations\//);
});

test('names that are paths read nothing', async () => {
  const folder = await operationsFolder();
  await mkdir(path.join(folder, 'x'));
  const registry = await openOperations({ folder: path.join(folder, 'x') });
  await expect(registry.get('operations/../../etc/passwd')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('of several processes that find an operation free at once, one goes on with it', async () => {
  const { folder, name } = await killedAt(5);
  const seen: TrainRequest[] = [];
  const registries = await Promise.all(
    Array.from({ length: 8 }, () => openOperations({ folder, kinds: [counting(1, 8, seen)] })),
  );
  const operations = await Promise.all(registries.map((registry) => ended(registry, name)));
  expect(seen).toEqual([REQUEST]);
  for (const operation of operations) expect(operation.result?.$case).toBe('response');
  expect((await readdir(folder)).filter((file) => file.endsWith('.claim'))).toEqual([]);
});

test('the right of a process that died before it used it is passed over', async () => {
  const { folder, name } = await killedAt(5);
  const claim = (generation: number) => path.join(folder, `${name.split('/')[1]}.${generation}.claim`);
  await writeFile(claim(2), JSON.stringify(await deadOwner()));
  const seen: TrainRequest[] = [];
  expect((await ended(await openOperations({ folder, kinds: [counting(1, 8, seen)] }), name)).done).toBe(true);
  expect(seen).toEqual([REQUEST]);
});

test('an operation that another process took up is followed there, and leaves no trace of the work here', async () => {
  const folder = await operationsFolder();
  const registry = await openOperations({ folder });
  const { name } = await registry.start(endless(3), REQUEST, identity());
  await vi.waitFor(async () => {
    const { operation } = JSON.parse(await readFile(fileOf(folder, name), 'utf8')) as { operation: object };
    expect(operation).toHaveProperty('metadata');
  }, 5_000);
  const other = { pid: 1, host: 'another.example', startTime: '' };
  await change(folder, name, { owner: other, generation: 2 });
  await vi.waitFor(() => expect(registry.works).toBe(0), { timeout: 10_000 });
  const record = JSON.parse(await readFile(fileOf(folder, name), 'utf8')) as object;
  expect(record).toMatchObject({ owner: other, generation: 2 });
  expect((await registry.get(name)).done).toBe(false);
}, 15_000);

test('the same request at several processes at once is one operation', async () => {
  const folder = await operationsFolder();
  const seen: TrainRequest[] = [];
  const registries = await Promise.all(Array.from({ length: 6 }, () => openOperations({ folder })));
  const started = await Promise.all(
    registries.map((registry) => registry.start(counting(1, 20, seen), REQUEST, identity())),
  );
  expect(new Set(started.map(({ name }) => name)).size).toBe(1);
  expect(started[0]!.name).toBe(operationNameOf('hone.trainer.v1.TrainerService/Train', ID));
  for (const registry of registries) expect((await ended(registry, started[0]!.name)).done).toBe(true);
  expect(seen).toEqual([REQUEST]);
  const other = registries[0]!.start(counting(1, 2), REQUEST, identity('another'));
  await expect(other).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
