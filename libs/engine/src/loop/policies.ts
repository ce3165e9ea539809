import type { RunSpec, StepKind } from '@hone/contracts';
import { DEFAULT_RETRY, type RetryPolicy } from '../scheduling/retry.ts';

/** How the calls of a kind of steps are repeated, and how long one may take. */
export interface CallPolicy extends RetryPolicy {
  /** Undefined means no deadline. */
  readonly timeoutMs: number | undefined;
}

/** What a spec says of a kind of steps, or the defaults. */
export function policyOf({ policies }: RunSpec, kind: StepKind): CallPolicy {
  const said = policies.find((policy) => policy.kind === kind);
  const { maxAttempts = 0, deadlineSeconds = 0 } = said ?? {};
  return {
    ...DEFAULT_RETRY,
    attempts: maxAttempts === 0 ? DEFAULT_RETRY.attempts : maxAttempts,
    // Timers take whole milliseconds.
    timeoutMs: deadlineSeconds === 0 ? undefined : Math.ceil(deadlineSeconds * 1000),
  };
}
