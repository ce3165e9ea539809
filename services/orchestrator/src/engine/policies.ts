import type { Phase, RunSpec } from '@hone/contracts';
import { DEFAULT_RETRY, type RetryPolicy } from './retry.ts';

/** How a phase's calls are repeated, and how long one may take. */
export interface CallPolicy extends RetryPolicy {
  /** Undefined means no deadline. */
  readonly timeoutMs: number | undefined;
}

/** What a spec says of a phase, or the defaults. */
export function policyOf({ policies }: RunSpec, phase: Phase): CallPolicy {
  const said = policies.find((policy) => policy.phase === phase);
  const { maxAttempts = 0, deadlineSeconds = 0 } = said ?? {};
  return {
    ...DEFAULT_RETRY,
    attempts: maxAttempts === 0 ? DEFAULT_RETRY.attempts : maxAttempts,
    // Timers take whole milliseconds.
    timeoutMs: deadlineSeconds === 0 ? undefined : Math.ceil(deadlineSeconds * 1000),
  };
}
