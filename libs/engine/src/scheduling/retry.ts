import { setTimeout as sleep } from 'node:timers/promises';
import { HoneError, throwIfAborted } from '@hone/errors';

/** How often and how fast work is repeated. */
export interface RetryPolicy {
  /** Tries in all, at least 1. */
  readonly attempts: number;
  /** Pause after the first failure; it doubles with each further one. */
  readonly firstPauseMs: number;
  /** No pause is longer. */
  readonly maxPauseMs: number;
}

/** About ten minutes of tries: long enough for a service that was lost to be placed and started elsewhere. */
export const DEFAULT_RETRY: RetryPolicy = { attempts: 45, firstPauseMs: 250, maxPauseMs: 15_000 };

/**
 * A service that is away, a call that came to its own deadline, and work that nobody here cancelled, which a service gives up when
 * it ends: another try may do better.
 */
const TRANSIENT = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED']);

/** That a run has failed could not be written either: somebody has to make space first. */
const isTransient = ({ code, reason }: HoneError): boolean => TRANSIENT.has(code) || reason === 'DATABASE_FULL';

/** Work whose process dies twice dies for a reason, such as too little memory: a third time would not help. */
const MAX_DEATHS = 2;

/** A try that failed, and will be repeated. */
export interface FailedTry {
  readonly error: HoneError;
  /** From 1. */
  readonly attempt: number;
  /** Until the next one. */
  readonly pauseMs: number;
}

/** Repeats work that must be safe to repeat while its service is away; any other error is thrown at once. */
export async function withRetries<Result>(
  work: (attempt: number) => Promise<Result>,
  signal: AbortSignal,
  policy: RetryPolicy = DEFAULT_RETRY,
  onFailure: (failed: FailedTry) => void = () => undefined,
): Promise<Result> {
  let deaths = 0;
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal);
    try {
      return await work(attempt);
    } catch (thrown) {
      throwIfAborted(signal);
      if (!(thrown instanceof HoneError) || !isTransient(thrown) || attempt >= policy.attempts) throw thrown;
      if (thrown.reason === 'WORKER_ENDED' && ++deaths >= MAX_DEATHS) throw keepsFailing(thrown);
      const pauseMs = Math.min(policy.firstPauseMs * 2 ** (attempt - 1), policy.maxPauseMs);
      onFailure({ error: thrown, attempt, pauseMs });
      // An abort ends the pause; the loop's first line then throws.
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

function keepsFailing(cause: HoneError): HoneError {
  const message = `the work was given up after ${MAX_DEATHS} tries: ${cause.message}`;
  return new HoneError({ code: 'ABORTED', reason: 'WORK_KEEPS_FAILING', message, cause });
}
