/** Cutting streams into pieces, and working on several pieces at once. */
import { toHoneError } from '@hone/errors';

/** Limits of a piece; an item above `maxBytes` is a piece of its own. */
export interface PieceLimits<Item> {
  readonly maxItems: number;
  readonly maxBytes: number;
  bytesOf(item: Item): number;
}

/** The items in pieces, in order. */
export async function* piecesOf<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  limits: PieceLimits<Item>,
): AsyncGenerator<Item[], void, undefined> {
  let piece: Item[] = [];
  let bytes = 0;
  for await (const item of items) {
    const size = limits.bytesOf(item);
    if (piece.length > 0 && (piece.length >= limits.maxItems || bytes + size > limits.maxBytes)) {
      yield piece;
      piece = [];
      bytes = 0;
    }
    piece.push(item);
    bytes += size;
  }
  if (piece.length > 0) yield piece;
}

/**
 * Works on up to `width` items at a time, which may change meanwhile, and gives the results in the order of the items, so that what is
 * stored does not depend on timing. The first error, or leaving the loop, aborts the signal that the other pieces of work were given.
 */
export async function* mapInOrder<Item, Result>(
  items: AsyncIterable<Item>,
  options: { readonly width: number | (() => number); readonly signal: AbortSignal },
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const width = (): number => (typeof options.width === 'number' ? options.width : options.width());
  const running: Promise<{ value: Result } | { error: Error }>[] = [];
  const start = (item: Item) =>
    work(item, signal).then(
      (value) => ({ value }),
      (thrown: unknown) => ({ error: toHoneError(thrown) }),
    );
  const next = async (): Promise<Result> => {
    const outcome = await running.shift()!;
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  };
  try {
    for await (const item of items) {
      running.push(start(item));
      while (running.length >= width()) yield await next();
    }
    while (running.length > 0) yield await next();
  } finally {
    stop.abort();
    await Promise.all(running);
  }
}

/**
 * Works on up to `width()` items at a time, each of which gives several results, and gives these as they come. The first error, or
 * leaving the loop, aborts the signal that the other pieces of work were given.
 */
export async function* mergeAsTheyCome<Item, Result>(
  items: AsyncIterable<Item>,
  options: { readonly width: () => number; readonly signal: AbortSignal },
  work: (item: Item, signal: AbortSignal) => AsyncIterable<Result>,
): AsyncGenerator<Result, void, undefined> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const source = items[Symbol.asyncIterator]();
  const running = new Map<AsyncIterator<Result>, Promise<Turn<Result>>>();
  const advance = (lane: AsyncIterator<Result>): void => {
    const turn = lane.next().then((next) => ({ lane, next }));
    // It may fail while nobody waits for it; whoever waits next is told.
    turn.catch(() => undefined);
    running.set(lane, turn);
  };
  let left = true;
  const fill = async (): Promise<void> => {
    while (left && running.size < Math.max(1, options.width())) {
      const { done, value } = await source.next();
      if (done) left = false;
      else advance(work(value, signal)[Symbol.asyncIterator]());
    }
  };
  try {
    for (await fill(); running.size > 0; await fill()) {
      const { lane, next } = await Promise.race(running.values());
      running.delete(lane);
      if (next.done) continue;
      advance(lane);
      yield next.value;
    }
  } finally {
    stop.abort();
    await Promise.allSettled([...running.values()]);
    await Promise.allSettled([...running.keys()].map((lane) => lane.return?.()));
    await source.return?.();
  }
}

/** What a piece of work gives next. */
interface Turn<Result> {
  readonly lane: AsyncIterator<Result>;
  readonly next: IteratorResult<Result, unknown>;
}
