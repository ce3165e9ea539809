import type { ArtifactStore } from '@hone/artifacts';
import type { PhaseProgress, ResourceUsage, RunSpec } from '@hone/contracts';
import type { Peers } from './peers.ts';

/** What the work of a step may use. */
export interface StepContext {
  readonly runId: string;
  readonly spec: RunSpec;
  readonly iteration: number;
  /** The run's attempt, part of the ids of work that services start. */
  readonly attempt: number;
  readonly store: ArtifactStore;
  readonly peers: Peers;
  readonly signal: AbortSignal;
  /** Tells watchers how far the step is. */
  progress(progress: Partial<PhaseProgress>): void;
}

/** Adds up what several calls used; `seconds` is the step's own time. */
export class UsageSum {
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

  total(): ResourceUsage {
    const { cpuSeconds, peakMemoryBytes, tokens } = this;
    return { seconds: (performance.now() - this.startedAt) / 1000, cpuSeconds, peakMemoryBytes, tokens };
  }
}
