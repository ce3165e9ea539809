import { StepMetrics } from '@hone/contracts';
import { expect, test } from 'vitest';
import { MetricsLog, MetricsLogs } from './metrics-log.ts';

const { signal } = new AbortController();
const metrics = (step: number): StepMetrics => StepMetrics.fromPartial({ step });

async function stepsOf(log: MetricsLog, after: number): Promise<number[]> {
  const steps: number[] = [];
  for await (const response of log.after(after, signal)) steps.push(response.metrics?.step ?? 0);
  return steps;
}

test('who watches from the start, from the middle and after the end sees every later step exactly once', async () => {
  const log = new MetricsLog();
  const fromStart = stepsOf(log, 0);
  log.add(metrics(1), 3);
  await new Promise(setImmediate);
  const fromSecond = stepsOf(log, 1);
  log.add(metrics(2), 3);
  log.add(metrics(3), 3);
  log.end();
  expect(await fromStart).toEqual([1, 2, 3]);
  expect(await fromSecond).toEqual([2, 3]);
  expect(await stepsOf(log, 2)).toEqual([3]);
});

test('who stops watching is let go while the job goes on', async () => {
  const controller = new AbortController();
  const watching = new MetricsLog().after(0, controller.signal).next();
  controller.abort();
  expect(await watching).toEqual({ done: true, value: undefined });
});

test('an unknown job is not found', () => {
  expect(() => new MetricsLogs().of('operations/none')).toThrow(/operations\/none not found/);
});

test('the logs of the oldest jobs are forgotten', () => {
  const logs = new MetricsLogs();
  for (let job = 0; job <= 100; job++) logs.create(`operations/${job}`);
  expect(() => logs.of('operations/0')).toThrow(/not found/);
  expect(logs.of('operations/1').all).toEqual([]);
});
