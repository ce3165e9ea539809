import { cancelled, resourceExhausted, throwIfAborted, type HoneError } from '@hone/errors';

/** How many jobs there may be. */
interface QueueLimits {
  /** At work at a time. */
  readonly atOnce?: number;
  /** Queued, those at work included; a further one is refused. */
  readonly most?: number;
}

/** Runs jobs in the order in which they came, a few at a time: more would only share the cores and double the memory. */
export class JobQueue {
  private readonly atOnce: number;
  private readonly most: number;
  private atWork = 0;
  private readonly waiting: (() => void)[] = [];

  constructor({ atOnce = 1, most = Infinity }: QueueLimits = {}) {
    this.atOnce = atOnce;
    this.most = most;
  }

  /** Runs the job when it is its turn. A job that is cancelled while it waits leaves the queue at once. */
  async run<Result>(signal: AbortSignal, job: () => Promise<Result>): Promise<Result> {
    const size = this.atWork + this.waiting.length;
    if (size >= this.most) throw queueIsFull(size);
    throwIfAborted(signal);
    if (this.atWork < this.atOnce) this.atWork += 1;
    else await this.turn(signal);
    try {
      return await job();
    } finally {
      this.next();
    }
  }

  /** Resolves when a job that was at work hands its slot on. */
  private turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(start), 1);
        reject(cancelled());
      };
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.push(start);
    });
  }

  private next(): void {
    const start = this.waiting.shift();
    if (start) start();
    else this.atWork -= 1;
  }
}

function queueIsFull(size: number): HoneError {
  return resourceExhausted(
    'QUEUE_FULL',
    `${size} calls like this are at work or queued: repeat it when some have ended`,
  );
}
