import { Phase, PhaseProgress, type Checkpoint } from '@hone/contracts';
import { registerCheckpoint } from '../database/checkpoints.ts';
import { appendEvent, type NewEvent } from '../database/events.ts';
import type { Database } from '../database/open-database.ts';
import { findStep, insertIteration, insertStep, type StepKey, type StepOutcome } from '../database/phases.ts';
import type { Queryable } from '../database/runs.ts';
import { iterationOf } from './iteration-view.ts';
import type { LiveRuns } from './live-runs.ts';

/** What a finished step leaves behind, beside its row. */
export interface StepEffects {
  /** A checkpoint that it made. */
  readonly checkpoint?: Checkpoint;
  /** What a person should know. */
  readonly warnings?: readonly string[];
}

/** Writes down what a run has done, and tells its watchers. */
export class RunJournal {
  /** Where the run is, for messages about what stopped it. */
  position: { iteration: number; phase: Phase } = { iteration: 0, phase: Phase.UNSPECIFIED };
  private readonly database: Database;
  private readonly live: LiveRuns;
  private readonly runId: string;

  constructor(database: Database, live: LiveRuns, runId: string) {
    this.database = database;
    this.live = live;
    this.runId = runId;
  }

  /**
   * The outcome of a step: the kept one where it is finished, else that of doing the work now. Its row, its checkpoint and its
   * events are written in one transaction, once.
   */
  async step<Result>(
    key: StepKey,
    work: () => Promise<StepOutcome<Result>>,
    effectsOf: (outcome: StepOutcome<Result>) => StepEffects = () => ({}),
  ): Promise<StepOutcome<Result>> {
    const { iteration, phase } = key;
    this.position = { iteration, phase };
    const kept = await findStep(this.database, this.runId, key);
    if (kept) return kept as StepOutcome<Result>;
    const isWholePhase = key.step === '';
    if (isWholePhase) await this.note({ iteration, phase, event: { $case: 'phaseStarted', value: true } });
    const outcome = await work();
    const { checkpoint, warnings = [] } = effectsOf(outcome);
    await this.commit(async (transaction) => {
      if (checkpoint) await registerCheckpoint(transaction, checkpoint);
      await insertStep(transaction, this.runId, key, outcome);
      const finished: NewEvent['event'] = { $case: 'phaseFinished', value: { phase, usage: outcome.usage } };
      if (isWholePhase) await appendEvent(transaction, this.runId, { iteration, phase, event: finished });
      for (const value of warnings) {
        await appendEvent(transaction, this.runId, { iteration, phase, event: { $case: 'warning', value } });
      }
    });
    return outcome;
  }

  /** Marks an iteration as finished. */
  async finishIteration(iteration: number, checkpoint: string, warnings: readonly string[]): Promise<void> {
    await this.commit(async (transaction) => {
      await insertIteration(transaction, this.runId, iteration, checkpoint);
      const whole = await iterationOf(transaction, this.runId, iteration, checkpoint);
      for (const value of warnings) {
        await appendEvent(transaction, this.runId, { iteration, event: { $case: 'warning', value } });
      }
      const event: NewEvent['event'] = { $case: 'iterationFinished', value: whole };
      await appendEvent(transaction, this.runId, { iteration, event });
    });
  }

  progress(iteration: number, phase: Phase, progress: Partial<PhaseProgress>): void {
    this.live.progress(this.runId, { iteration, phase, progress: PhaseProgress.fromPartial(progress) });
  }

  private note(event: NewEvent): Promise<void> {
    return this.commit((transaction) => appendEvent(transaction, this.runId, event));
  }

  private async commit(write: (transaction: Queryable) => Promise<void>): Promise<void> {
    await this.database.transaction().execute(write);
    this.live.changed(this.runId);
  }
}
