/**
 * Runs that were under way when the orchestrator's process died. One of them may be what ends it: so they go on one at a time, each
 * until it has finished a step, and one that was under way at several ends in a row without finishing any is set aside.
 */
import { HoneError, throwIfAborted } from '@hone/errors';

/** Ends of the process in a row behind which a run is set aside; `hone up` starts a service again as often within a minute. */
export const MOST_CRASHES = 3;

/** A process that lived so long with a run at work does not die of it at once: a training step may take many hours. */
export const PROVEN_MS = 600_000;

/** Why a run was set aside. */
export function setAside(): HoneError {
  const message =
    `the orchestrator's process died ${MOST_CRASHES} times in a row while this run was under way and finished no step, so the run is set ` +
    "aside: see the orchestrator's log, then resume the run";
  return new HoneError({ code: 'ABORTED', reason: 'RUN_ENDS_ORCHESTRATOR', message });
}

/** The line of runs that are under suspicion; the first of it is at work. */
export class Quarantine {
  private tail: Promise<void> = Promise.resolve();
  private readonly release = new Map<string, () => void>();

  /** Resolves when it is the run's turn; rejects where the signal is aborted before. */
  async enter(runId: string, signal: AbortSignal): Promise<void> {
    const before = this.tail;
    const own = new Promise<void>((resolve) => this.release.set(runId, resolve));
    this.tail = before.then(() => own);
    let stop = (): void => undefined;
    const aborted = new Promise<void>((resolve) => (stop = resolve));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    await Promise.race([before, aborted]);
    signal.removeEventListener('abort', stop);
    if (signal.aborted) this.leave(runId);
    throwIfAborted(signal);
  }

  /** The run has finished a step, or stands still: the next may go on. */
  leave(runId: string): void {
    this.release.get(runId)?.();
    this.release.delete(runId);
  }
}
