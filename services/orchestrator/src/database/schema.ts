/** Rows of the orchestrator's tables, as TypeScript. */
import type { Generated } from 'kysely';

/** A JSON column: written as text, read as what it holds. */
export type Json = unknown;

export interface RunsTable {
  id: string;
  /** Order of creation; page tokens build on it. */
  number: Generated<number>;
  request_id: string | null;
  spec: Json;
  state: string;
  error: string;
  /** Rises whenever work that was given up must be started anew: part of the ids that keep work from starting twice. */
  attempt: number;
  code_version: string;
  create_time: Date;
  update_time: Date;
  last_event: number;
}

/** A finished step, written once. The step '' is the phase itself; others are parts of it. */
export interface PhasesTable {
  run_id: string;
  iteration: number;
  phase: string;
  step: string;
  result: Json;
  usage: Json;
  artifacts: Json;
  commit_time: Date;
}

/** A finished iteration. */
export interface IterationsTable {
  run_id: string;
  iteration: number;
  checkpoint: string;
  commit_time: Date;
}

export interface EventsTable {
  run_id: string;
  number: number;
  payload: Json;
}

export interface CheckpointsTable {
  digest: string;
  /** Order of registration. */
  number: Generated<number>;
  origin: string;
  parent: string | null;
  dataset: string | null;
  /** The run that first made it. */
  run_id: string | null;
  iteration: number;
  recipe: string;
  display_name: string;
  parameter_count: string | number | bigint;
  size_bytes: string | number | bigint;
  create_time: Date;
}

/** Which runs made which checkpoints: equal work makes the same checkpoint in several runs. */
export interface RunCheckpointsTable {
  run_id: string;
  digest: string;
  iteration: number;
}

export interface Schema {
  runs: RunsTable;
  phases: PhasesTable;
  iterations: IterationsTable;
  events: EventsTable;
  checkpoints: CheckpointsTable;
  run_checkpoints: RunCheckpointsTable;
}
