import { cancelled, resourceExhausted, throwIfAborted, type HoneError } from '@hone/errors';

/** Runs jobs one at a time, in the order in which they came: two would only share the cores and double the memory. */
export class JobQueue {
  private tail: Promise<unknown> = Promise.resolve();
  private size = 0;

  /** `most` jobs may be in line, the one that runs included; a further one is refused. */
  constructor(private readonly most = Infinity) {}

  /** Runs the job when those before it have ended. A job that is cancelled while it waits leaves the line at once. */
  run<Result>(signal: AbortSignal, job: () => Promise<Result>): Promise<Result> {
    if (this.size >= this.most) return Promise.reject(lineIsFull(this.size));
    this.size += 1;
    const before = this.tail;
    const result = turn(before, signal)
      .then(job)
      .finally(() => (this.size -= 1));
    this.tail = Promise.allSettled([before, result]);
    return result;
  }
}

function lineIsFull(size: number): HoneError {
  return resourceExhausted(
    'LINE_IS_FULL',
    `${size} calls like this are at work or in line: repeat it when some have ended`,
  );
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
