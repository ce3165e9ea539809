import { cancelled, throwIfAborted } from '@hone/errors';

/** Runs jobs one at a time, in the order in which they came: two would only share the cores and double the memory. */
export class JobQueue {
  private tail: Promise<unknown> = Promise.resolve();

  /** Runs the job when those before it have ended. A job that is cancelled while it waits leaves the line at once. */
  run<Result>(signal: AbortSignal, job: () => Promise<Result>): Promise<Result> {
    const before = this.tail;
    const result = turn(before, signal).then(job);
    this.tail = Promise.allSettled([before, result]);
    return result;
  }
}

/** Resolves when those before have ended; rejects as soon as the signal is aborted. */
async function turn(before: Promise<unknown>, signal: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled());
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([before, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
