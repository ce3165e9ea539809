import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FairShare } from './fair-share.ts';

const signal = new AbortController().signal;

/** Asks for a place and holds it until it is told to leave. */
function ask(share: FairShare, runId: string, order: string[], by: AbortSignal = signal) {
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const done = share.use(runId, by, async () => {
    order.push(runId);
    await left;
  });
  return { leave, done };
}

it('lets in no more than it has places for', async () => {
  const order: string[] = [];
  const share = new FairShare(2);
  const asked = ['a', 'b', 'c'].map((run) => ask(share, run, order));
  await turn();
  expect(order).toEqual(['a', 'b']);
  asked[0]!.leave();
  await asked[0]!.done;
  await turn();
  expect(order).toEqual(['a', 'b', 'c']);
  for (const { leave } of asked) leave();
  await Promise.all(asked.map(({ done }) => done));
});

it('serves runs in turn, however many calls one of them has in line', async () => {
  const order: string[] = [];
  const share = new FairShare(1);
  const asked = ['a', 'a', 'a', 'a', 'b', 'b', 'c'].map((run) => ask(share, run, order));
  while (order.length < asked.length) {
    for (const one of asked) one.leave();
    await turn();
  }
  await Promise.all(asked.map(({ done }) => done));
  expect(order).toEqual(['a', 'b', 'c', 'a', 'b', 'a', 'a']);
});

it('forgets who gives up while waiting, and gives the place back of work that fails', async () => {
  const share = new FairShare(1);
  const first = ask(share, 'a', []);
  const giveUp = new AbortController();
  const second = ask(share, 'b', [], giveUp.signal);
  giveUp.abort();
  await expect(second.done).rejects.toMatchObject({ code: 'CANCELLED' });
  first.leave();
  await first.done;
  await expect(share.use('c', signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(share.use('d', signal, () => Promise.resolve(1))).resolves.toBe(1);
});
