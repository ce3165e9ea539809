import type { ArtifactStore } from '@hone/artifacts';
import { digestOfName, Phase, PhaseProgress, type Checkpoint, type RunBudget, type ServiceWait } from '@hone/contracts';
import type { Database, Schema } from '@hone/database';
import { internal } from '@hone/errors';
import { publishVersion, registerCheckpoint } from '@hone/registry';
import type { ServiceOptions } from '@hone/rpc';
import type { Transaction } from 'kysely';
import { appendEvent, type NewEvent } from '../database/events.ts';
import {
  deleteShards,
  findStep,
  hasIteration,
  insertIteration,
  insertStep,
  isShard,
  type StepKey,
  type StepOutcome,
} from '../database/phases.ts';
import { addSpending, noteSelection, type RunRecord, type Spending } from '../database/runs.ts';
import { requireBudget } from './budget.ts';
import type { Durably } from './durable-runs.ts';
import { iterationOf } from './iteration-view.ts';
import type { LiveRuns } from './live-runs.ts';
import { withRetries } from './retry.ts';
import { waitingEvent, WaitFilter } from './waiting.ts';

/** What a finished step leaves behind, beside its row. */
export interface StepEffects {
  /** A checkpoint that it made. */
  readonly checkpoint?: Checkpoint;
  /** What a person should know. */
  readonly warnings?: readonly string[];
  /** What the choice among checkpoints has found. */
  readonly selection?: Parameters<typeof noteSelection>[2];
}

/** What a journal needs. */
export interface JournalOptions {
  readonly database: Database;
  readonly store: ArtifactStore;
  readonly live: LiveRuns;
  readonly run: RunRecord;
  readonly durably: Durably;
  readonly signal: AbortSignal;
  /** Told of every step that is finished. */
  readonly progressed?: () => void;
  readonly logger: ServiceOptions['logger'];
}

/** Names a step within its run, for the workflow. */
const nameOf = ({ iteration, phase, step }: StepKey): string => `${iteration}/${phase}/${step}`;

/**
 * Writes down what a run has done, and tells its watchers. A step is done once over all attempts and lives of the run: its row,
 * its checkpoint and its events are written in one transaction, and a step that has a row is not done again.
 */
export class RunJournal {
  /** Where the run is, for messages about what stopped it. */
  position: { iteration: number; phase: Phase } = { iteration: 0, phase: Phase.UNSPECIFIED };
  private readonly options: JournalOptions;
  private readonly runId: string;
  private readonly budget: RunBudget | undefined;
  private spending: Spending;
  private lastCommit = performance.now();
  private readonly waits = new WaitFilter();

  constructor(options: JournalOptions) {
    this.options = options;
    this.runId = options.run.id;
    this.budget = options.run.budget;
    this.spending = options.run.spending;
  }

  /**
   * Does a whole phase: `shards` first, step by step, then `finish`, which gives the phase's outcome and after which the shards'
   * rows are dropped. A phase that is finished already gives its kept outcome.
   */
  async phase<Result>(
    phase: Omit<StepKey, 'step'>,
    finish: () => Promise<StepOutcome<Result>>,
    options: {
      readonly shards?: () => Promise<void>;
      readonly effectsOf?: (outcome: StepOutcome<Result>) => StepEffects;
    } = {},
  ): Promise<StepOutcome<Result>> {
    const key = { ...phase, step: '' };
    this.position = { iteration: phase.iteration, phase: phase.phase };
    // Kept as a step of its own: a workflow that is gone on with must take the way that it took before.
    const finished = await this.options.durably(`${nameOf(key)}begin`, () => this.begin(key));
    if (!finished) {
      await options.shards?.();
      await this.step(key, finish, options.effectsOf);
    }
    return this.outcomeOf<Result>(key);
  }

  /** Does a step, unless it is done. */
  step<Result>(
    key: StepKey,
    work: () => Promise<StepOutcome<Result>>,
    effectsOf: (outcome: StepOutcome<Result>) => StepEffects = () => ({}),
  ): Promise<void> {
    return this.options.durably(nameOf(key), async () => {
      if (await this.find(key)) return;
      requireBudget(this.budget, this.spending);
      const outcome = await work();
      await this.keep(key, outcome, effectsOf(outcome));
    });
  }

  /** The outcome of a finished step. */
  async outcomeOf<Result>(key: StepKey): Promise<StepOutcome<Result>> {
    const kept = await this.find(key);
    if (!kept) throw internal(`the outcome of step ${nameOf(key)} is not kept`);
    return kept as StepOutcome<Result>;
  }

  /** Marks an iteration as finished. */
  finishIteration(iteration: number, checkpoint: string, warnings: readonly string[]): Promise<void> {
    return this.options.durably(`${iteration}/finish`, () =>
      this.commit(async (transaction) => {
        if (await hasIteration(transaction, this.runId, iteration)) return;
        await insertIteration(transaction, this.runId, iteration, checkpoint);
        await this.publish(transaction, iteration, checkpoint);
        const whole = await iterationOf(transaction, this.runId, iteration, checkpoint);
        for (const value of warnings) {
          await appendEvent(transaction, this.runId, { iteration, event: { $case: 'warning', value } });
        }
        const event: NewEvent['event'] = { $case: 'iterationFinished', value: whole };
        await appendEvent(transaction, this.runId, { iteration, event });
      }),
    );
  }

  progress(iteration: number, phase: Phase, progress: Partial<PhaseProgress>): void {
    this.options.live.progress(this.runId, { iteration, phase, progress: PhaseProgress.fromPartial(progress) });
  }

  /**
   * Notes that the run waits for a service. That this could not be written is no reason to stop: the database is needed anyhow for
   * what comes next, and waited for there.
   */
  waiting(position: Pick<NewEvent, 'iteration' | 'phase'>, wait: ServiceWait): void {
    const { database, live, logger } = this.options;
    const { service, address, attempt, nextTrySeconds, code, reason, message } = wait;
    if (!this.waits.isNews(wait, performance.now())) return;
    const facts = { run: this.runId, ...position, service, address, attempt, nextTrySeconds, code, reason };
    logger.warn(facts, `the run waits for the ${service}: ${message}`);
    database
      .transaction()
      .execute((transaction) => appendEvent(transaction, this.runId, { ...position, event: waitingEvent(wait) }))
      .then(() => live.changed(this.runId))
      .catch((thrown: unknown) => logger.warn({ run: this.runId, err: thrown }, 'the wait could not be noted'));
  }

  /** Makes the iteration's checkpoint a version of the run's model. */
  private async publish(transaction: Transaction<Schema>, iteration: number, checkpoint: string): Promise<void> {
    const { model } = this.options.run.spec;
    if (model === '') return;
    const digest = digestOfName('checkpoints', checkpoint, 'checkpoint');
    await publishVersion(transaction, { model, digest, runId: this.runId, iteration });
  }

  private async begin(key: StepKey): Promise<boolean> {
    if (await this.find(key)) return true;
    const { iteration, phase } = key;
    const event: NewEvent['event'] = { $case: 'phaseStarted', value: true };
    await this.commit((transaction) => appendEvent(transaction, this.runId, { iteration, phase, event }));
    return false;
  }

  private find(key: StepKey) {
    return withRetries(() => findStep(this.options.database, this.runId, key), this.options.signal);
  }

  private async keep(key: StepKey, given: StepOutcome<unknown>, effects: StepEffects): Promise<void> {
    const { iteration, phase } = key;
    const isWholePhase = key.step === '';
    const storedBytes = await this.storedBytesOf(given, effects.checkpoint);
    const now = performance.now();
    const used = {
      seconds: (now - this.lastCommit) / 1000,
      // A phase's own usage sums up that of its shards, which is counted already.
      tokens: given.hasShards ? 0n : given.usage.tokens,
      peakMemoryBytes: given.usage.peakMemoryBytes,
    };
    // Shards overlap: each has the time since the one before it, so that together they have the time that passed.
    const usage = isShard(key) ? { ...given.usage, seconds: used.seconds } : given.usage;
    const outcome = { ...given, usage };
    let diskBytes = storedBytes;
    await this.commit(async (transaction) => {
      // A connection that is lost at the commit leaves open whether it was made.
      if (await findStep(transaction, this.runId, key)) return;
      if (effects.checkpoint) await registerCheckpoint(transaction, effects.checkpoint);
      await insertStep(transaction, this.runId, key, outcome, storedBytes);
      diskBytes = storedBytes;
      if (outcome.hasShards) diskBytes -= await deleteShards(transaction, this.runId, key);
      await addSpending(transaction, this.runId, { ...used, diskBytes });
      if (effects.selection) await noteSelection(transaction, this.runId, effects.selection);
      const finished: NewEvent['event'] = { $case: 'phaseFinished', value: { phase, usage: outcome.usage } };
      if (isWholePhase) await appendEvent(transaction, this.runId, { iteration, phase, event: finished });
      for (const value of effects.warnings ?? []) {
        await appendEvent(transaction, this.runId, { iteration, phase, event: { $case: 'warning', value } });
      }
    });
    this.options.progressed?.();
    this.lastCommit = now;
    const { spending } = this;
    this.spending = {
      seconds: spending.seconds + used.seconds,
      tokens: spending.tokens + used.tokens,
      peakMemoryBytes: spending.peakMemoryBytes,
      diskBytes: spending.diskBytes + diskBytes,
    };
  }

  private async storedBytesOf(outcome: StepOutcome<unknown>, checkpoint: Checkpoint | undefined): Promise<bigint> {
    let bytes = checkpoint?.sizeBytes ?? 0n;
    for (const digest of Object.values(outcome.artifacts)) {
      bytes += BigInt((await this.options.store.storedBytesOfJsonLines(digest)) ?? 0);
    }
    return bytes;
  }

  /** Writes in one transaction, again where the database was away. */
  private async commit(write: (transaction: Transaction<Schema>) => Promise<void>): Promise<void> {
    const { database, signal, live } = this.options;
    await withRetries(() => database.transaction().execute(write), signal);
    live.changed(this.runId);
  }
}
