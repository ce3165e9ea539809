import type { ArtifactStore } from '@hone/artifacts';
import type { ResourceUsage, RunSpec, StepProgress } from '@hone/contracts';
import type { Database } from '@hone/database';
import type { Kind } from '../ledger/results.ts';
import type { RunJournal } from '../ledger/journal.ts';
import type { StepKey } from '../ledger/steps.ts';
import type { ServiceName, Services } from '../ports/services.ts';
import type { FailedTry } from '../scheduling/retry.ts';
import type { ServiceShares } from '../scheduling/service-shares.ts';
import type { CallPolicy } from './policies.ts';

/** What the work of a step may use. */
export interface StepContext<K extends Kind = Kind> {
  readonly key: StepKey<K>;
  readonly runId: string;
  readonly spec: RunSpec;
  readonly iteration: number;
  /** The run's attempt, part of the ids of work that services start. */
  readonly attempt: number;
  readonly store: ArtifactStore;
  readonly database: Database;
  readonly services: Services;
  readonly shares: ServiceShares;
  readonly journal: RunJournal;
  readonly policy: CallPolicy;
  readonly signal: AbortSignal;
  /**
   * Aborted when work that other services do for the run is to be cancelled as well. At the end of this process it is not: the next
   * one finds that work again.
   */
  readonly cancelling: AbortSignal;
  /** Aborted when this process ends: the next one goes on with the run. */
  readonly ending: AbortSignal;
  /** Aborted when the run is to stand still after the shards in hand. */
  readonly pausing: AbortSignal;
  /** Waits for people: that time is not counted, and other runs have this one's place. */
  whileIdle<Result>(wait: () => Promise<Result>): Promise<Result>;
  /** Tells watchers how far the step is. */
  progress(progress: Partial<StepProgress>): void;
  /** Tells watchers and the log that a service is away. */
  waiting(service: ServiceName, failed: FailedTry): void;
}

/** Counts up to a total for who watches. */
export function progressOf({ progress }: StepContext, total: number, unit: string): (count: number) => void {
  let done = 0;
  return (count) => {
    done += count;
    progress({ done: BigInt(done), total: BigInt(total), unit });
  };
}

/** Adds up what several calls used; `seconds` is the time since it was made, and that of finished shards that are added. */
export class UsageSum {
  private shardSeconds = 0;
  private cpuSeconds = 0;
  private peakMemoryBytes = 0n;
  private tokens = 0n;
  private readonly startedAt = performance.now();

  add(usage: ResourceUsage | undefined): void {
    if (!usage) return;
    this.cpuSeconds += usage.cpuSeconds;
    this.tokens += usage.tokens;
    if (usage.peakMemoryBytes > this.peakMemoryBytes) this.peakMemoryBytes = usage.peakMemoryBytes;
  }

  /** Adds a finished shard with the time that it took. */
  addShard(usage: ResourceUsage): void {
    this.shardSeconds += usage.seconds;
    this.add(usage);
  }

  total(): ResourceUsage {
    const { shardSeconds, cpuSeconds, peakMemoryBytes, tokens } = this;
    const seconds = shardSeconds + (performance.now() - this.startedAt) / 1000;
    return { seconds, cpuSeconds, peakMemoryBytes, tokens };
  }
}
