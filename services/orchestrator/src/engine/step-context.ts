import type { ArtifactStore } from '@hone/artifacts';
import type { PhaseProgress, ResourceUsage, RunSpec } from '@hone/contracts';
import { FairShare } from './fair-share.ts';
import type { RunJournal } from './journal.ts';
import type { Peers } from './peers.ts';
import type { CallPolicy } from './policies.ts';
import type { FailedTry } from './retry.ts';

/** Places at the services, shared by the runs at work. */
export interface ServiceShares {
  readonly sampler: FairShare;
  readonly scorer: FairShare;
  readonly pairBuilder: FairShare;
  readonly trainer: FairShare;
  readonly evaluator: FairShare;
}

/** A service that runs call. */
export type ServiceName = keyof ServiceShares;

/** As many places as keep a service busy: while one call's last work is done, the next one's first is at hand. */
export function openShares(): ServiceShares {
  return {
    sampler: new FairShare(2),
    scorer: new FairShare(2),
    pairBuilder: new FairShare(1),
    trainer: new FairShare(1),
    evaluator: new FairShare(1),
  };
}

/** What the work of a step may use. */
export interface StepContext {
  readonly runId: string;
  /** As it holds in this iteration. */
  readonly spec: RunSpec;
  readonly iteration: number;
  /** The run's attempt, part of the ids of work that services start. */
  readonly attempt: number;
  readonly store: ArtifactStore;
  readonly peers: Peers;
  readonly shares: ServiceShares;
  readonly journal: RunJournal;
  readonly policy: CallPolicy;
  readonly signal: AbortSignal;
  /**
   * Aborted when work that other services do for the run is to be cancelled as well. At the end of this process it is not: the next
   * one finds that work again.
   */
  readonly cancelling: AbortSignal;
  /** Aborted when the run is to stand still after the shards in hand. */
  readonly pausing: AbortSignal;
  /** Tells watchers how far the step is. */
  progress(progress: Partial<PhaseProgress>): void;
  /** Tells watchers and the log that a service is away. */
  waiting(service: ServiceName, failed: FailedTry): void;
}

/** Adds up what several calls used; `seconds` is the time since it was made, and that of finished steps that are added. */
export class UsageSum {
  private stepSeconds = 0;
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

  /** Adds a finished step with the time that it took. */
  addStep(usage: ResourceUsage): void {
    this.stepSeconds += usage.seconds;
    this.add(usage);
  }

  total(): ResourceUsage {
    const { stepSeconds, cpuSeconds, peakMemoryBytes, tokens } = this;
    const seconds = stepSeconds + (performance.now() - this.startedAt) / 1000;
    return { seconds, cpuSeconds, peakMemoryBytes, tokens };
  }
}
