import type { ArtifactStore } from '@hone/artifacts';
import type { Database } from '@hone/database';
import type { Recipe } from '@hone/recipes';
import type { RunRecord } from '../ledger/runs.ts';
import type { EngineLog } from '../ports/log.ts';
import type { ServicesOfRuns } from '../ports/services.ts';
import type { LiveRuns } from '../scheduling/live-runs.ts';
import type { ServiceShares } from '../scheduling/service-shares.ts';

/** What the engine works with. */
export interface EngineOptions {
  readonly database: Database;
  readonly store: ArtifactStore;
  readonly services: ServicesOfRuns;
  readonly shares: ServiceShares;
  readonly live: LiveRuns;
  readonly log: EngineLog;
  /** Methods that runs can follow. */
  readonly recipes: readonly Recipe[];
}

/** One attempt of a run. */
export interface RunAttempt {
  readonly run: RunRecord;
  /** Aborted when the work is to end, here. */
  readonly signal: AbortSignal;
  /** Aborted when it is to end everywhere. */
  readonly cancelling: AbortSignal;
  readonly pausing: AbortSignal;
  /** Aborted when this process ends. */
  readonly ending: AbortSignal;
  /** Told of every step that is finished. */
  readonly progressed?: () => void;
  /** Waits for people; other runs are at work meanwhile. */
  readonly whileIdle: <Result>(wait: () => Promise<Result>) => Promise<Result>;
}
