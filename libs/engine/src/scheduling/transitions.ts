import { RunState, type RunFailure } from '@hone/contracts';
import type { Schema } from '@hone/database';
import { failedPrecondition } from '@hone/errors';
import type { Transaction } from 'kysely';
import { appendEvent, type NewEvent } from '../ledger/events.ts';
import { failureText } from '../ledger/failure.ts';
import { getRun, lockRun, updateRunState, type RunRecord } from '../ledger/runs.ts';

/** A change of a run's state. */
export interface Transition {
  readonly to: RunState;
  /** States it may start from. */
  readonly from: readonly RunState[];
  /** What the refused caller should know, by the state the run is in. */
  readonly refusal?: (state: RunState) => string;
  /** What stopped it, where it failed. */
  readonly failure?: RunFailure | undefined;
  readonly newAttempt?: boolean;
  /** Where in the run it happened. */
  readonly position?: Pick<NewEvent, 'iteration' | 'step' | 'kind'>;
}

/** States in which a run stands still and can be resumed. */
export const RESUMABLE: readonly RunState[] = [
  RunState.FAILED,
  RunState.CANCELLED,
  RunState.INTERRUPTED,
  RunState.PAUSED,
];

/** States in which a run waits for its turn or is at work. */
export const MOVING: readonly RunState[] = [RunState.QUEUED, RunState.RUNNING];

/** "RUN_STATE_FAILED" -> "failed". */
export function nameOfState(state: RunState): string {
  return state.replace('RUN_STATE_', '').toLowerCase();
}

/** Changes a run's state and notes the event, or throws where the run is in a state that does not allow it. */
export async function transit(
  transaction: Transaction<Schema>,
  runId: string,
  transition: Transition,
): Promise<RunRecord> {
  const { to, from, failure, newAttempt = false, position = {} } = transition;
  const { state } = await lockRun(transaction, runId);
  if (!from.includes(state)) {
    const refusal = transition.refusal?.(state) ?? `it is ${nameOfState(state)}`;
    throw failedPrecondition('WRONG_RUN_STATE', `runs/${runId}: ${refusal}`, { state });
  }
  await updateRunState(transaction, runId, { state: to, failure, newAttempt });
  const error = failure ? failureText(failure) : '';
  await appendEvent(transaction, runId, { ...position, event: { $case: 'state', value: to }, error });
  return getRun(transaction, runId);
}
