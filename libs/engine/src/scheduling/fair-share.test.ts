import { setMaxListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FairShare } from './fair-share.ts';

const signal = new AbortController().signal;
setMaxListeners(0, signal);

/** Asks for a slot and holds it until it is told to leave. */
function ask(share: FairShare, runId: string, order: string[], by: AbortSignal = signal) {
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const done = share.use(runId, by, async () => {
    order.push(runId);
    await left;
  });
  return { leave, done };
}

it('lets in no more than it has slots for', async () => {
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

it('serves runs in turn, however many calls one of them has queued', async () => {
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

it('forgets who gives up while waiting, and gives the slot back of work that fails', async () => {
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

it('lets more in when slots are added, and puts nobody out when they are taken away', async () => {
  const order: string[] = [];
  const share = new FairShare(1);
  const asked = ['a', 'b', 'c', 'd'].map((run) => ask(share, run, order));
  await turn();
  share.resize(3);
  await turn();
  expect(order).toEqual(['a', 'b', 'c']);
  share.resize(1);
  asked[0]!.leave();
  asked[1]!.leave();
  await turn();
  expect(order).toEqual(['a', 'b', 'c']);
  asked[2]!.leave();
  await turn();
  expect(order).toEqual(['a', 'b', 'c', 'd']);
  asked[3]!.leave();
  await Promise.all(asked.map(({ done }) => done));
});

it('whatever comes, goes and changes: nobody is dropped, and nobody enters beyond the slots there are', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    let state = seed;
    const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
    let slots = 1 + random(4);
    const share = new FairShare(slots);
    const inside = new Set<() => void>();
    const all: Promise<void>[] = [];
    let entered = 0;
    const come = (run: string) =>
      share.use(run, signal, async () => {
        entered += 1;
        expect(inside.size).toBeLessThan(slots);
        await new Promise<void>((resolve) => inside.add(resolve));
      });
    const go = (): void => {
      const leave = [...inside][random(inside.size)]!;
      inside.delete(leave);
      leave();
    };
    for (let step = 0; step < 200; step++) {
      const what = random(5);
      if (what < 2) all.push(come(`run ${random(3)}`));
      else if (what < 4 && inside.size > 0) go();
      else share.resize((slots = 1 + random(6)));
      await turn();
    }
    while (entered < all.length || inside.size > 0) {
      if (inside.size > 0) go();
      await turn();
    }
    await Promise.all(all);
    expect(entered).toBe(all.length);
  }
});
