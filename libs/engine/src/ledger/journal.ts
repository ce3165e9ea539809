import type { ArtifactStore } from '@hone/artifacts';
import { StepProgress, type Checkpoint, type RunBudget, type ServiceWait } from '@hone/contracts';
import type { Database, Schema } from '@hone/database';
import { internal } from '@hone/errors';
import { registerCheckpoint } from '@hone/registry';
import type { Transaction } from 'kysely';
import type { EngineLog } from '../ports/log.ts';
import type { LiveRuns } from '../scheduling/live-runs.ts';
import { withRetries } from '../scheduling/retry.ts';
import { waitingEvent, WaitFilter } from '../scheduling/waiting.ts';
import { requireBudget } from './budget.ts';
import { appendEvent, type NewEvent } from './events.ts';
import { iterationOf, reportOf } from './iterations.ts';
import type { AnyResult, Kind, ResultOf } from './results.ts';
import { addSpending, type RunRecord, type Spending } from './runs.ts';
import {
  deleteShards,
  findStep,
  insertFinished,
  insertStarted,
  listShards,
  type Artifacts,
  type StepKey,
  type StepOutcome,
  type StepRecord,
} from './steps.ts';

/** What a finished step leaves behind, beside its row. */
export interface StepEffects {
  /** A checkpoint that it made. */
  readonly checkpoint?: Checkpoint;
  /** What a person should know. */
  readonly warnings?: readonly string[];
  /** What else is written with it; a result that it gives stands in place of the step's own. */
  readonly write?: (transaction: Transaction<Schema>) => Promise<AnyResult | undefined>;
  /** Whether the iteration ends with it. */
  readonly endsIteration?: boolean;
}

/** What a journal needs. */
export interface JournalOptions {
  readonly database: Database;
  readonly store: ArtifactStore;
  readonly live: LiveRuns;
  readonly run: RunRecord;
  readonly signal: AbortSignal;
  /** Told of every step that is finished. */
  readonly progressed?: () => void;
  readonly log: EngineLog;
}

/** Where in a run something happens. */
export type Position = Pick<StepKey, 'iteration' | 'name' | 'kind'>;

/** What a step does. */
export interface StepWork<K extends Kind> {
  work(): Promise<StepOutcome<K>>;
  /** References to what it works on. */
  readonly inputs?: Artifacts;
  /** What follows from its outcome; undefined where that is the row alone. */
  effectsOf?(outcome: StepOutcome<K>): StepEffects;
  /** Whether its work is that of its shards, whose tokens and time are counted with them. */
  readonly hasShards?: boolean;
  /** Whether it takes nothing, and so is not held back where a budget is used up. */
  readonly isFree?: boolean;
}

const positionOf = ({ iteration, name: step, kind }: Position) => ({ iteration, step, kind });

/**
 * Writes down what a run has done, and tells its watchers. A step is done once over all attempts and lives of the run: its row,
 * its checkpoint and its events are written in one transaction, and a step whose row is finished is not done again.
 */
export class RunJournal {
  /** Where the run is, for messages about what stopped it. */
  position: Position | undefined;
  private readonly options: JournalOptions;
  private readonly runId: string;
  private readonly budget: RunBudget | undefined;
  private spending: Spending;
  /** Up to when the run's time is counted. */
  private countedUntil = performance.now();
  private readonly waits = new WaitFilter();

  constructor(options: JournalOptions) {
    this.options = options;
    this.runId = options.run.id;
    this.budget = options.run.budget;
    this.spending = options.run.spending;
  }

  /** Does a step, unless it is done; gives what it gave. */
  async step<K extends Kind>(
    key: StepKey<K>,
    { work, inputs, effectsOf, hasShards = false, isFree = false }: StepWork<K>,
  ): Promise<StepOutcome<K>> {
    this.position = key;
    const found = await this.find(key);
    requireSameKind(found, key);
    if (found?.outcome) return found.outcome;
    await this.begin(key, inputs);
    if (!isFree) requireBudget(this.budget, this.spending);
    const outcome = await work();
    await this.keep(key, outcome, { effects: effectsOf?.(outcome) ?? {}, hasShards });
    // As it was kept: what follows sees the same in every life of the process.
    return (await this.find(key))!.outcome!;
  }

  /** Does a shard of a step, unless it is done. `firstRow` is the number of the first of its rows. */
  async shard<K extends Kind>(key: StepKey<K>, firstRow: number, work: () => Promise<StepOutcome<K>>): Promise<void> {
    if ((await this.find(key, firstRow))?.outcome) return;
    requireBudget(this.budget, this.spending);
    await this.keepShard(key, firstRow, await work());
  }

  /** What the finished shards of a step gave, in the order of their rows. */
  async shards<K extends Kind>(key: StepKey<K>): Promise<StepOutcome<K>[]> {
    const { database, signal } = this.options;
    const found = await withRetries(() => listShards(database, this.runId, key), signal);
    return found.map(({ outcome }) => outcome!);
  }

  /** Waits for people, which is no work of the run. */
  async uncounted<Result>(wait: () => Promise<Result>): Promise<Result> {
    const begin = performance.now();
    try {
      return await wait();
    } finally {
      this.countedUntil += performance.now() - begin;
    }
  }

  progress(position: Position, progress: Partial<StepProgress>): void {
    const { live } = this.options;
    live.progress(this.runId, { ...positionOf(position), progress: StepProgress.fromPartial(progress) });
  }

  /**
   * Notes that the run waits for a service. That this could not be written is no reason to stop: the database is needed anyhow for
   * what comes next, and waited for there.
   */
  waiting(position: Position, wait: ServiceWait): void {
    const { database, live, log } = this.options;
    const { service, address, attempt, nextTrySeconds, code, reason, message } = wait;
    if (!this.waits.isNews(wait, performance.now())) return;
    const step = positionOf(position);
    const facts = { run: this.runId, ...step, service, address, attempt, nextTrySeconds, code, reason };
    log.warn(facts, `the run waits for the ${service}: ${message}`);
    database
      .transaction()
      .execute((transaction) => appendEvent(transaction, this.runId, { ...step, event: waitingEvent(wait) }))
      .then(() => live.changed(this.runId))
      .catch((thrown: unknown) => log.warn({ run: this.runId, err: thrown }, 'the wait could not be noted'));
  }

  private find<K extends Kind>(key: StepKey<K>, shard?: number): Promise<StepRecord<K> | undefined> {
    const { database, signal } = this.options;
    return withRetries(() => findStep(database, this.runId, key, shard), signal);
  }

  private async begin(key: StepKey, inputs: Artifacts | undefined): Promise<void> {
    const event: NewEvent['event'] = { $case: 'stepStarted', value: true };
    await this.commit(async (transaction) => {
      await insertStarted(transaction, this.runId, key, inputs);
      await appendEvent(transaction, this.runId, { ...positionOf(key), event });
    });
  }

  private async keepShard<K extends Kind>(key: StepKey<K>, shard: number, given: StepOutcome<K>): Promise<void> {
    const storedBytes = await this.storedBytesOf(given, undefined);
    const used = this.usedBy(given, false);
    // Shards overlap: each has the time since the one before it, so that together they have the time that passed.
    const outcome = { ...given, usage: { ...given.usage, seconds: used.seconds } };
    await this.commit(async (transaction) => {
      if ((await findStep(transaction, this.runId, key, shard))?.outcome) return;
      await insertFinished(transaction, this.runId, key, { shard, outcome, storedBytes });
      await addSpending(transaction, this.runId, { ...used, diskBytes: storedBytes });
    });
    this.spent({ ...used, diskBytes: storedBytes });
  }

  private async keep<K extends Kind>(
    key: StepKey<K>,
    outcome: StepOutcome<K>,
    { effects, hasShards }: { readonly effects: StepEffects; readonly hasShards: boolean },
  ): Promise<void> {
    const storedBytes = await this.storedBytesOf(outcome, effects.checkpoint);
    const used = this.usedBy(outcome, hasShards);
    let diskBytes = storedBytes;
    await this.commit(async (transaction) => {
      // A connection that is lost at the commit leaves open whether it was made.
      if ((await findStep(transaction, this.runId, key))?.outcome) return;
      if (effects.checkpoint) await registerCheckpoint(transaction, effects.checkpoint);
      const result = ((await effects.write?.(transaction)) ?? outcome.result) as ResultOf[K];
      const { warnings } = effects;
      await insertFinished(transaction, this.runId, key, { outcome: { ...outcome, result }, storedBytes, warnings });
      diskBytes = storedBytes - (await deleteShards(transaction, this.runId, key));
      await addSpending(transaction, this.runId, { ...used, diskBytes });
      await this.tell(transaction, key, effects);
    });
    this.spent({ ...used, diskBytes });
  }

  /** The events of a finished step. */
  private async tell(transaction: Transaction<Schema>, key: StepKey, effects: StepEffects): Promise<void> {
    const { iteration } = key;
    const append = (event: NewEvent['event'], step: Partial<NewEvent> = positionOf(key)): Promise<void> =>
      appendEvent(transaction, this.runId, { iteration, ...step, event });
    const finished = await findStep(transaction, this.runId, key);
    await append({ $case: 'stepFinished', value: reportOf(finished!) });
    for (const value of effects.warnings ?? []) await append({ $case: 'warning', value });
    if (!effects.endsIteration) return;
    await append({ $case: 'iterationFinished', value: await iterationOf(transaction, this.runId, iteration) }, {});
  }

  /** What a step adds to what the run has used, where its shards have not added it already. */
  private usedBy({ usage }: StepOutcome, hasShards: boolean): Omit<Spending, 'diskBytes'> {
    const now = performance.now();
    const seconds = (now - this.countedUntil) / 1000;
    // At once: a shard that ends while this one is written down has the time from here on only.
    this.countedUntil = now;
    return { seconds, tokens: hasShards ? 0n : usage.tokens, peakMemoryBytes: usage.peakMemoryBytes };
  }

  private spent({ seconds, tokens, diskBytes }: Spending): void {
    this.options.progressed?.();
    const { spending } = this;
    this.spending = {
      ...spending,
      seconds: spending.seconds + seconds,
      tokens: spending.tokens + tokens,
      diskBytes: spending.diskBytes + diskBytes,
    };
  }

  private async storedBytesOf({ artifacts }: StepOutcome, checkpoint: Checkpoint | undefined): Promise<bigint> {
    let bytes = checkpoint?.sizeBytes ?? 0n;
    for (const { digest } of Object.values(artifacts)) {
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

/** A recipe that changed under a run would read another step's result as its own. */
function requireSameKind(found: StepRecord | undefined, { iteration, name, kind }: StepKey): void {
  if (!found || found.kind === kind) return;
  throw internal(`step ${name} of iteration ${iteration} is a ${found.kind}, where the recipe now has a ${kind}`);
}
