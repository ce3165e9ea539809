import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RunSlots } from './run-slots.ts';

const never = new AbortController().signal;

test('a slot that was let go is another run’s, and is waited for in turn', async () => {
  const slots = new RunSlots(1);
  slots.take('a');
  slots.free('a');
  slots.take('b');
  const back: string[] = [];
  const waiting = ['a', 'c'].map((key) => slots.takeInTurn(key, never).then(() => back.push(key)));
  await turn();
  expect([back, slots.isFull]).toEqual([[], true]);
  slots.free('b');
  await waiting[0];
  expect([back, slots.has('a'), slots.isFull]).toEqual([['a'], true, true]);
  slots.free('a');
  await waiting[1];
  expect(back).toEqual(['a', 'c']);
});

test('a run that is to end waits for no slot, and keeps none from others', async () => {
  const slots = new RunSlots(1);
  slots.take('a');
  const ending = new AbortController();
  const waiting = slots.takeInTurn('b', ending.signal);
  ending.abort();
  await waiting;
  expect(slots.has('b')).toBe(false);
  slots.free('a');
  expect(slots.isFull).toBe(false);
});
