import { expect, test } from 'vitest';
import { JobQueue } from './job-queue.ts';

const { signal } = new AbortController();

/** A job that ends when it is told to. */
function controlled(log: string[], name: string) {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const job = async (): Promise<string> => {
    log.push(`${name} starts`);
    await ended;
    log.push(`${name} ends`);
    return name;
  };
  return { job, end };
}

test('jobs run one at a time, in order', async () => {
  const queue = new JobQueue();
  const log: string[] = [];
  const [first, second] = [controlled(log, 'first'), controlled(log, 'second')];
  const results = [queue.run(signal, first.job), queue.run(signal, second.job)];
  second.end();
  await new Promise(setImmediate);
  expect(log).toEqual(['first starts']);
  first.end();
  expect(await Promise.all(results)).toEqual(['first', 'second']);
  expect(log).toEqual(['first starts', 'first ends', 'second starts', 'second ends']);
});

test('a failed job does not hold up the next', async () => {
  const queue = new JobQueue();
  const failed = queue.run(signal, () => Promise.reject(new Error('broken')));
  const next = queue.run(signal, async () => 'next');
  await expect(failed).rejects.toThrow('broken');
  expect(await next).toBe('next');
});

test('a job that is cancelled while it waits never starts, and the jobs behind it still wait for the one before', async () => {
  const queue = new JobQueue();
  const log: string[] = [];
  const [first, second, third] = ['first', 'second', 'third'].map((name) => controlled(log, name)) as [
    ReturnType<typeof controlled>,
    ReturnType<typeof controlled>,
    ReturnType<typeof controlled>,
  ];
  third.end();
  const controller = new AbortController();
  const running = queue.run(signal, first.job);
  const waiting = queue.run(controller.signal, second.job);
  const behind = queue.run(signal, third.job);
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(log).toEqual(['first starts']);
  first.end();
  await Promise.all([running, behind]);
  expect(log).toEqual(['first starts', 'first ends', 'third starts', 'third ends']);
});

test('as many jobs are at work as may be, and a place goes to the next in line', async () => {
  const queue = new JobQueue({ atOnce: 2 });
  const log: string[] = [];
  const [first, second, third] = ['first', 'second', 'third'].map((name) => controlled(log, name)) as [
    ReturnType<typeof controlled>,
    ReturnType<typeof controlled>,
    ReturnType<typeof controlled>,
  ];
  const all = [first, second, third].map(({ job }) => queue.run(signal, job));
  await new Promise(setImmediate);
  expect(log).toEqual(['first starts', 'second starts']);
  second.end();
  await new Promise(setImmediate);
  expect(log).toEqual(['first starts', 'second starts', 'second ends', 'third starts']);
  first.end();
  third.end();
  await Promise.all(all);
});

test('a job beyond the length of the line is refused', async () => {
  const queue = new JobQueue({ most: 1 });
  const first = controlled([], 'first');
  const running = queue.run(signal, first.job);
  await expect(queue.run(signal, async () => 'second')).rejects.toMatchObject({ reason: 'QUEUE_FULL' });
  first.end();
  await running;
});
