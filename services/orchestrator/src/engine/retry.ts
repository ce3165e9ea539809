import { setTimeout as sleep } from 'node:timers/promises';
import { HoneError, throwIfAborted } from '@hone/errors';

/** How often and how fast work is repeated. */
export interface RetryPolicy {
  /** Tries in all, at least 1. */
  readonly attempts: number;
  /** Pause after the first failure; it doubles with each further one. */
  readonly firstPauseMs: number;
}

/** Long enough for a service that was killed to be started again. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 6, firstPauseMs: 500 };

/** Repeats work that must be safe to repeat while its service is UNAVAILABLE; any other error is thrown at once. */
export async function withRetries<Result>(
  work: (attempt: number) => Promise<Result>,
  signal: AbortSignal,
  policy: RetryPolicy = DEFAULT_RETRY,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal);
    try {
      return await work(attempt);
    } catch (thrown) {
      throwIfAborted(signal);
      const transient = thrown instanceof HoneError && thrown.code === 'UNAVAILABLE';
      if (!transient || attempt >= policy.attempts) throw thrown;
      // An abort ends the pause; the loop's first line then throws.
      await sleep(policy.firstPauseMs * 2 ** (attempt - 1), undefined, { signal }).catch(() => undefined);
    }
  }
}
