import { AsyncResource } from 'node:async_hooks';
import { RunState, type RunBudget, type RunFailure } from '@hone/contracts';
import type { Schema } from '@hone/database';
import { HoneError, toHoneError } from '@hone/errors';
import type { Transaction } from 'kysely';
import { millisecondsLeft, requireBudget } from '../ledger/budget.ts';
import { appendEvent } from '../ledger/events.ts';
import { forgetDamaged } from '../ledger/forget-damaged.ts';
import type { Position } from '../ledger/journal.ts';
import {
  clearCrashes,
  clearStarts,
  getRun,
  lockRun,
  runsInStates,
  setBudget,
  suspectRun,
  type RunRecord,
} from '../ledger/runs.ts';
import { DurableLoop } from '../loop/durable-loop.ts';
import type { EngineOptions } from '../loop/engine-options.ts';
import { executeRun } from '../loop/execute-run.ts';
import { markBest } from '../loop/mark-best.ts';
import { Countdown } from './countdown.ts';
import { MOST_CRASHES, PROVEN_MS, Quarantine, setAside } from './quarantine.ts';
import { withRetries } from './retry.ts';
import { RunSlots } from './run-slots.ts';
import { MOVING, nameOfState, RESUMABLE, transit, type Transition } from './transitions.ts';

/** What the scheduler needs. */
export interface SchedulerOptions extends EngineOptions {
  /** Runs at work at a time. */
  readonly maxRuns: number;
  /** Whether runs that an earlier process left under way go on by themselves; else they are interrupted, and wait for ResumeRun. */
  readonly resumeRuns: boolean;
}

/** The run at work. */
interface ActiveRun {
  readonly cancelling: AbortController;
  readonly pausing: AbortController;
  readonly done: Promise<void>;
  /** What the run is to become when it stands still. */
  wanted: RunState.CANCELLED | RunState.PAUSED | undefined;
}

const nameOf = (id: string): string => `runs/${id}`;

/** How a run ends that finds something damaged or gone. */
const MISSED: readonly string[] = ['DATA_LOSS', 'NOT_FOUND'];

const attemptOf = (id: string, attempt: number): string => `${id}/${attempt}`;

/** Pause before queued runs are looked at again after an error. */
const FILL_AGAIN_MS = 5_000;

/** Runs are queued in the order of their creation; some are at work at a time, and share the services fairly. */
export class RunScheduler {
  private readonly options: SchedulerOptions;
  private readonly active = new Map<string, ActiveRun>();
  /** Attempts of runs that have a slot: at work, or about to be. */
  private readonly placed: RunSlots;
  private filling: Promise<void> = Promise.resolve();
  private readonly outside = new AsyncResource('RunScheduler');
  private readonly ending = new AbortController();
  private readonly quarantine = new Quarantine();
  /** Runs whose start counts as a crash, as long as they finish no step. */
  private readonly suspected = new Set<string>();
  private readonly working = new Set<Promise<void>>();

  private constructor(options: SchedulerOptions) {
    this.options = options;
    this.placed = new RunSlots(options.maxRuns);
  }

  /** Opens the queue, and goes on with what an earlier process left under way, or marks it as interrupted. */
  static async open(options: SchedulerOptions): Promise<RunScheduler> {
    const scheduler = new RunScheduler(options);
    if (options.resumeRuns) await scheduler.continueLeft();
    else await scheduler.interruptLeft();
    await scheduler.fillSlots();
    return scheduler;
  }

  /** Gives free slots to the runs that are queued, the oldest first. The queue is the rows themselves. */
  fillSlots(): Promise<void> {
    // The end of a run calls this, but what it starts is no part of that run.
    return this.outside.runInAsyncScope(() => (this.filling = this.filling.then(() => this.fillOnce())));
  }

  /** Goes on with a run that stands still; one that moves is answered as it is. */
  async resume(runId: string, budget: RunBudget | undefined): Promise<RunRecord> {
    const { database } = this.options;
    if (budget) await setBudget(database, runId, budget);
    const found = await getRun(database, runId);
    if (MOVING.includes(found.state)) return found;
    requireBudget(found.budget, found.spending);
    if (found.failure && MISSED.includes(found.failure.code)) await this.makeDamagedAnew(runId);
    await clearCrashes(database, runId);
    const run = await this.transit(runId, {
      to: RunState.QUEUED,
      from: RESUMABLE,
      refusal: (state) => `it is ${nameOfState(state)}; only a run that stopped before its end can be resumed`,
    });
    void this.fillSlots();
    return run;
  }

  /** Stops a run that waits or is at work, and waits until it stands still. */
  cancel(runId: string): Promise<RunRecord> {
    return this.stop(runId, RunState.CANCELLED);
  }

  /** Stops a run after the shards in hand, and waits until it stands still. */
  pause(runId: string): Promise<RunRecord> {
    return this.stop(runId, RunState.PAUSED);
  }

  /** Leaves all runs as they are, to be gone on with by the next process. */
  async close(): Promise<void> {
    this.ending.abort();
    // A database that is away now leaves them counted, which costs a run nothing but the care of the next start.
    await clearStarts(this.options.database, [...this.suspected]).catch(() => undefined);
    await Promise.all([...this.working, this.filling]);
  }

  private async stop(runId: string, wanted: NonNullable<ActiveRun['wanted']>): Promise<RunRecord> {
    const { database } = this.options;
    const active = this.active.get(runId);
    if (active) {
      active.wanted = wanted;
      (wanted === RunState.PAUSED ? active.pausing : active.cancelling).abort();
      await active.done;
      return getRun(database, runId);
    }
    return this.transit(runId, {
      to: wanted,
      from: [RunState.QUEUED],
      newAttempt: true,
      refusal: (state) => `it is ${nameOfState(state)} already, so there is nothing to stop`,
    });
  }

  /** What was damaged is forgotten, and so made again; what cannot be is found again by whoever reads it. */
  private async makeDamagedAnew(runId: string): Promise<void> {
    const { database, store, log } = this.options;
    const forgotten = await forgetDamaged(database, store, runId);
    for (const step of forgotten) {
      const value = `what ${step} stored is damaged or gone; it is made again`;
      await database
        .transaction()
        .execute((transaction) => appendEvent(transaction, runId, { event: { $case: 'warning', value } }));
      log.warn({ run: nameOf(runId) }, value);
    }
  }

  private async interruptLeft(): Promise<void> {
    for (const { id } of await runsInStates(this.options.database, MOVING)) {
      await this.transit(id, { to: RunState.INTERRUPTED, from: MOVING, newAttempt: true });
      this.options.log.warn({ run: nameOf(id) }, 'the run was interrupted; resume it with ResumeRun');
    }
  }

  /** Runs that an earlier process left at work keep their slots. */
  private async continueLeft(): Promise<void> {
    const left = await runsInStates(this.options.database, [RunState.RUNNING]);
    for (const { id, attempt } of left) this.outside.runInAsyncScope(() => this.start(id, attempt));
  }

  private async fillOnce(): Promise<void> {
    const { database, log } = this.options;
    try {
      for (const { id, attempt } of await this.withRetry(() => runsInStates(database, [RunState.QUEUED]))) {
        if (this.placed.isFull || this.ending.signal.aborted) return;
        this.start(id, attempt);
      }
    } catch (thrown) {
      if (this.ending.signal.aborted) return;
      log.failed(thrown, 'queued runs could not be started; this is tried again');
      setTimeout(() => void this.fillSlots(), FILL_AGAIN_MS).unref();
    }
  }

  /** Gives an attempt a slot, unless it has one. */
  private start(id: string, attempt: number): void {
    const key = attemptOf(id, attempt);
    if (this.placed.has(key)) return;
    this.placed.take(key);
    const work = this.work(id, attempt)
      .catch((thrown: unknown) => {
        // The next process goes on with it.
        if (!this.ending.signal.aborted)
          this.options.log.failed(thrown, 'the work on a run broke off', { run: nameOf(id) });
      })
      .finally(() => this.working.delete(work));
    this.working.add(work);
  }

  /** Works on an attempt of a run until it stands still: what happened is the run's state. It throws where this process ends. */
  private async work(id: string, attempt: number): Promise<void> {
    const cancelling = new AbortController();
    const pausing = new AbortController();
    let finish: () => void = () => undefined;
    const done = new Promise<void>((resolve) => (finish = resolve));
    const active: ActiveRun = { cancelling, pausing, done, wanted: undefined };
    this.active.set(id, active);
    try {
      // What is logged and called for a run says so, wherever that is.
      await this.options.log.within(nameOf(id), async () => {
        if (await this.isSetAside(id, attempt, active)) return;
        const run = await this.withRetry(() => this.begin(id, attempt));
        if (run) await this.execute(run, active);
      });
    } finally {
      this.progressed(id);
      if (this.active.get(id) === active) this.active.delete(id);
      this.placed.free(attemptOf(id, attempt));
      finish();
      if (!this.ending.signal.aborted) void this.fillSlots();
    }
  }

  /** Whether a run ends the process again and again, and so goes on no more; one that may be to blame waits for its turn. */
  private async isSetAside(id: string, attempt: number, active: ActiveRun): Promise<boolean> {
    const run = await this.withRetry(() => getRun(this.options.database, id));
    if (run.crashes === 0 || run.attempt !== attempt || !MOVING.includes(run.state)) return false;
    if (run.crashes >= MOST_CRASHES) {
      const error = setAside();
      const aside = { ...failedBy(error), from: MOVING, newAttempt: true };
      await this.transit(id, aside, (transaction) => clearCrashes(transaction, id));
      this.options.log.error({}, error.message);
      return true;
    }
    const signal = AbortSignal.any([active.cancelling.signal, active.pausing.signal, this.ending.signal]);
    // Where it is stopped meanwhile its work finds out by itself.
    await this.quarantine.enter(id, signal).catch(() => undefined);
    return false;
  }

  /** The process lives, though the run has been at work for long. */
  private async acquit(id: string): Promise<void> {
    this.progressed(id);
    await this.withRetry(() => clearCrashes(this.options.database, id)).catch(() => undefined);
  }

  /** The run has finished a step, or stands still. */
  private progressed(id: string): void {
    this.suspected.delete(id);
    this.quarantine.leave(id);
  }

  /** Marks an attempt as at work; undefined where it is over already. */
  private begin(id: string, attempt: number): Promise<RunRecord | undefined> {
    const { database, live, log } = this.options;
    return database
      .transaction()
      .execute(async (transaction) => {
        const run = await lockRun(transaction, id);
        if (run.attempt !== attempt || !MOVING.includes(run.state)) return undefined;
        await suspectRun(transaction, id);
        this.suspected.add(id);
        if (run.state === RunState.QUEUED) return transit(transaction, id, { to: RunState.RUNNING, from: MOVING });
        const value = 'the orchestrator was started again; the run goes on from its last finished step';
        await appendEvent(transaction, id, { event: { $case: 'warning', value } });
        return run;
      })
      .then((run) => {
        live.changed(id);
        if (run) log.info({ attempt }, 'run started');
        return run;
      });
  }

  private async execute(run: RunRecord, active: ActiveRun): Promise<void> {
    const { id } = run;
    const { log, recipes } = this.options;
    const outOfTime = new AbortController();
    const timeLeftMs = millisecondsLeft(run.budget, run.spending);
    const timeLeft = new Countdown(timeLeftMs, () => outOfTime.abort());
    timeLeft.go();
    const cancelling = AbortSignal.any([active.cancelling.signal, outOfTime.signal]);
    const signal = AbortSignal.any([cancelling, this.ending.signal]);
    const pausing = active.pausing.signal;
    const progressed = (): void => this.progressed(id);
    const proven = setTimeout(() => void this.acquit(id), PROVEN_MS);
    const loop = new DurableLoop(this.options, {
      run,
      signal,
      cancelling,
      pausing,
      ending: this.ending.signal,
      progressed,
      whileIdle: (wait) =>
        this.whileIdle(attemptOf(id, run.attempt), { timeLeft, signal: AbortSignal.any([signal, pausing]) }, wait),
    });
    try {
      await executeRun(loop, run, recipes);
      await this.transit(id, { to: RunState.SUCCEEDED, from: [RunState.RUNNING] }, markBest);
      log.info({}, 'run succeeded');
    } catch (thrown) {
      // Not an end of the run: the next process goes on with it.
      if (this.ending.signal.aborted) throw thrown;
      const error = outOfTime.signal.aborted ? timeIsUp(run.budget!) : toHoneError(thrown);
      const { position } = loop.journal;
      const where = { iteration: position?.iteration ?? 0, step: position?.name ?? '' };
      const ending = { ...endingOf(error, active, position), from: [RunState.RUNNING], newAttempt: true };
      await this.transit(id, { ...ending, position: { ...where, ...(position && { kind: position.kind }) } });
      log.failed(outOfTime.signal.aborted ? error : thrown, 'run stopped', where);
    } finally {
      clearTimeout(proven);
      timeLeft.stop();
    }
  }

  /** Lets another run have the slot of one that waits for people, whose time does not count; behind that it waits for a slot. */
  private async whileIdle<Result>(
    key: string,
    { timeLeft, signal }: { readonly timeLeft: Countdown; readonly signal: AbortSignal },
    wait: () => Promise<Result>,
  ): Promise<Result> {
    timeLeft.stop();
    this.placed.free(key);
    void this.fillSlots();
    const result = await wait();
    await this.placed.takeInTurn(key, signal);
    timeLeft.go();
    return result;
  }

  /** Changes a run's state, and does with the run in its new state what has to happen in the same transaction. */
  private async transit(
    id: string,
    transition: Transition,
    beside: (transaction: Transaction<Schema>, run: RunRecord) => Promise<void> = async () => undefined,
  ): Promise<RunRecord> {
    const { database, live } = this.options;
    const run = await this.withRetry(() =>
      database.transaction().execute(async (transaction) => {
        const moved = await transit(transaction, id, transition);
        await beside(transaction, moved);
        return moved;
      }),
    );
    live.changed(id);
    return run;
  }

  /** Repeats what only needs the database, while that is away. */
  private withRetry<Result>(work: () => Promise<Result>): Promise<Result> {
    return withRetries(work, this.ending.signal);
  }
}

/** What an error makes of the run at work. */
function endingOf(
  error: HoneError,
  { wanted }: ActiveRun,
  position: Position | undefined,
): Pick<Transition, 'to' | 'failure'> {
  if (wanted && error.code === 'CANCELLED') return { to: wanted };
  return failedBy(error, position);
}

/** A failure as it is kept; `position` is where it happened. */
function failedBy(
  { code, reason, message, metadata }: HoneError,
  position?: Position,
): { readonly to: RunState.FAILED; readonly failure: RunFailure } {
  const { iteration = 0, name: step = '' } = position ?? {};
  return { to: RunState.FAILED, failure: { code, reason, message, metadata: { ...metadata }, iteration, step } };
}

function timeIsUp({ seconds }: RunBudget): HoneError {
  const message = `the run's budget is used up: ${seconds} seconds; resume it with a greater budget`;
  return new HoneError({ code: 'RESOURCE_EXHAUSTED', reason: 'BUDGET_EXCEEDED', message });
}
