import { Phase, RunState } from '@hone/contracts';
import { toHoneError, type HoneError } from '@hone/errors';
import type { ServiceOptions } from '@hone/rpc';
import { getRun, runsInStates, type RunRecord } from '../database/runs.ts';
import { RunEngine, type EngineOptions } from './run-engine.ts';
import { MOVING, nameOfState, RESUMABLE, transit, type Transition } from './transitions.ts';

/** The run at work. */
interface ActiveRun {
  readonly id: string;
  readonly controller: AbortController;
  readonly done: Promise<void>;
  cancelRequested: boolean;
}

/** Runs wait in line; one is at work at a time, for it uses the whole machine. */
export class RunScheduler {
  private readonly waiting: string[] = [];
  private readonly options: EngineOptions;
  private readonly logger: ServiceOptions['logger'];
  private active: ActiveRun | undefined;
  private closed = false;

  constructor(options: EngineOptions, logger: ServiceOptions['logger']) {
    this.options = options;
    this.logger = logger;
  }

  /** Marks what an earlier process left under way; such runs wait for ResumeRun. */
  async recover(): Promise<void> {
    const left = await runsInStates(this.options.database, MOVING);
    for (const { id } of left) {
      await this.transit(id, { to: RunState.INTERRUPTED, from: MOVING });
      this.logger.warn({ run: id }, 'the run was interrupted; resume it with ResumeRun');
    }
  }

  /** Puts a queued run in line. */
  enqueue(runId: string): void {
    this.waiting.push(runId);
    this.startNext();
  }

  /** Goes on with a run that stands still. */
  async resume(runId: string): Promise<RunRecord> {
    const run = await this.transit(runId, {
      to: RunState.QUEUED,
      from: RESUMABLE,
      refusal: (state) => `it is ${nameOfState(state)}; only a failed, cancelled or interrupted run can be resumed`,
    });
    this.enqueue(runId);
    return run;
  }

  /** Stops a run that waits or is at work, and waits until it stands still. */
  async cancel(runId: string): Promise<RunRecord> {
    const position = this.waiting.indexOf(runId);
    if (position < 0 && this.active?.id === runId) {
      const { active } = this;
      active.cancelRequested = true;
      active.controller.abort();
      await active.done;
      return getRun(this.options.database, runId);
    }
    if (position >= 0) this.waiting.splice(position, 1);
    return this.transit(runId, {
      to: RunState.CANCELLED,
      from: [RunState.QUEUED],
      refusal: (state) => `it is ${nameOfState(state)} already, so there is nothing to cancel`,
    });
  }

  /** Stops the run at work; it and those in line are interrupted. */
  async close(): Promise<void> {
    this.closed = true;
    this.active?.controller.abort();
    await this.active?.done;
    for (const id of this.waiting.splice(0)) {
      await this.transit(id, { to: RunState.INTERRUPTED, from: [RunState.QUEUED] });
    }
  }

  private startNext(): void {
    if (this.active || this.closed) return;
    const id = this.waiting.shift();
    if (id === undefined) return;
    const controller = new AbortController();
    const done = this.work(id, controller.signal).catch((thrown: unknown) => {
      // The database itself fails: the run stays as it is written there, and is interrupted at the next start.
      this.logger.error({ run: id, err: thrown }, "the run's state could not be written");
    });
    const active: ActiveRun = { id, controller, done, cancelRequested: false };
    this.active = active;
    void done.then(() => {
      this.active = undefined;
      this.startNext();
    });
  }

  private async work(id: string, signal: AbortSignal): Promise<void> {
    const run = await this.transit(id, { to: RunState.RUNNING, from: [RunState.QUEUED] });
    const engine = new RunEngine(this.options, run, signal);
    this.logger.info({ run: id, attempt: run.attempt }, 'run started');
    try {
      await engine.execute();
      await this.transit(id, { to: RunState.SUCCEEDED, from: [RunState.RUNNING] });
      this.logger.info({ run: id }, 'run succeeded');
    } catch (thrown) {
      const error = toHoneError(thrown);
      const { position } = engine.journal;
      await this.transit(id, { ...this.ending(error, position), from: [RunState.RUNNING], newAttempt: true, position });
      const details = error.code === 'INTERNAL' ? { err: thrown } : {};
      this.logger.warn({ run: id, code: error.code, ...position, ...details }, `run stopped: ${error.message}`);
    }
  }

  /** What an error makes of the run at work. */
  private ending(error: HoneError, position: RunEngine['journal']['position']): Pick<Transition, 'to' | 'error'> {
    if (this.active?.cancelRequested) return { to: RunState.CANCELLED };
    // Work that nobody here cancelled was given up by a service that is ending.
    if (this.closed || error.code === 'CANCELLED') return { to: RunState.INTERRUPTED };
    const where = `iteration ${position.iteration}, ${nameOfPhase(position.phase)}`;
    return { to: RunState.FAILED, error: `${where}: ${error.message} (${error.code}, ${error.reason})` };
  }

  private async transit(id: string, transition: Transition): Promise<RunRecord> {
    const run = await transit(this.options.database, id, transition);
    this.options.live.changed(id);
    return run;
  }
}

/** "PHASE_WARM_UP" -> "warm-up". */
function nameOfPhase(phase: Phase): string {
  return phase.replace('PHASE_', '').replace('_', '-').toLowerCase();
}
