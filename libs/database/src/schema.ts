/** Rows of the orchestrator's tables, as TypeScript. */
import type { Generated } from 'kysely';

/** A JSON column: written as text, read as what it holds. */
export type Json = unknown;

/** A 64-bit column, which comes as a number or as text, depending on the driver. */
export type Int8 = string | number | bigint;

export interface RunsTable {
  id: string;
  /** Order of creation; page tokens build on it. */
  number: Generated<number>;
  request_id: string | null;
  /** Digest of what the request asked. */
  request_digest: Generated<string>;
  spec: Json;
  state: string;
  /** Rises whenever work that was given up must be started anew: part of the ids that keep work from starting twice. */
  attempt: number;
  code_version: string;
  create_time: Date;
  update_time: Date;
  last_event: number;
  /** Starts of its work in a row that finished no step, and that no orderly end of the process took back. */
  crashes: Generated<number>;
  /** What it may use up, where that is not its spec's. */
  budget: Generated<Json | null>;
  used_seconds: Generated<number>;
  used_tokens: Generated<Int8>;
  peak_memory_bytes: Generated<Int8>;
  disk_bytes: Generated<Int8>;
  best_checkpoint: Generated<string>;
  best_iteration: Generated<number>;
  /** Why it ended before its last iteration. */
  early_stop: Generated<string>;
  /** What stopped it, where it has failed: a status with reason and details. */
  failure: Generated<Json | null>;
}

/** The ledger of steps. A step has a row from its beginning on, a shard of one from its end on. */
export interface StepsTable {
  run_id: string;
  iteration: number;
  name: string;
  /** Number of the first row of a shard; -1 for the step as a whole. */
  shard: number;
  kind: string;
  /** References to what it works on, by what it is for; null where that is not known. */
  inputs: Generated<Json>;
  start_time: Date;
  /** Null until it is finished, as are the columns below. */
  end_time: Generated<Date | null>;
  /** Form of the result: "sample/1". */
  codec: Generated<string | null>;
  result: Generated<Json>;
  usage: Generated<Json>;
  /** References to what it stored, by what it is for. */
  artifacts: Generated<Json>;
  /** What its artifacts and its checkpoint take in the store. */
  stored_bytes: Generated<Int8>;
  /** What a person should know of it. */
  warnings: Generated<Json>;
  /** Order in which they began, which no clock can change. */
  number: Generated<Int8>;
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
  parameter_count: Int8;
  size_bytes: Int8;
  create_time: Date;
  labels: Generated<Json>;
  notes: Generated<string>;
  /** Rises with every change of what people wrote, and with the deletion. */
  revision: Generated<number>;
  /** Set once it is deleted: the row stays for the lineage, the files go. */
  delete_time: Generated<Date | null>;
}

/** Which runs made which checkpoints: equal work makes the same checkpoint in several runs. */
export interface RunCheckpointsTable {
  run_id: string;
  digest: string;
  iteration: number;
}

/** A line of versions. */
export interface ModelsTable {
  name: string;
  /** Order of creation. */
  number: Generated<number>;
  display_name: Generated<string>;
  notes: Generated<string>;
  labels: Generated<Json>;
  revision: Generated<number>;
  last_version: Generated<number>;
  create_time: Date;
  update_time: Date;
}

export interface ModelVersionsTable {
  model: string;
  version: number;
  digest: string;
  /** The run that published it; null where a caller did. */
  run_id: string | null;
  iteration: number;
  create_time: Date;
}

export interface ModelAliasesTable {
  model: string;
  alias: string;
  version: number;
  revision: number;
  update_time: Date;
}

/** The audit trail of aliases. */
export interface AliasChangesTable {
  number: Generated<number>;
  model: string;
  alias: string;
  from_version: number | null;
  to_version: number | null;
  caller: string;
  reason: string;
  time: Date;
}

/** Evaluations that callers recorded. */
export interface EvaluationsTable {
  digest: string;
  checkpoint: string;
  benchmark: string;
  result: Json;
  record_time: Date;
}

/** A view: evaluations of checkpoints, those of runs and those that were recorded. */
export interface CheckpointEvaluationsView {
  checkpoint: string;
  id: string;
  digest: string;
  benchmark: string;
  result: Json;
  run_id: string | null;
  iteration: number;
  for_selection: boolean;
  record_time: Date;
}

/** Comparisons that people are asked. */
export interface FeedbackItemsTable {
  /** Order in which they were asked. */
  number: Generated<Int8>;
  run_id: string;
  iteration: number;
  step: string;
  /** Number within the step. */
  position: number;
  problem_id: string;
  prompt: Json;
  /** Sample indices of the two completions. */
  a: number;
  b: number;
  a_text: string;
  b_text: string;
  state: Generated<'open' | 'judged' | 'dropped' | 'withdrawn'>;
  skips: Generated<number>;
  /** So many skips drop it. */
  skips_to_drop: number;
}

/** Judgements that are wanted of an item, each with who is at it. */
export interface FeedbackSlotsTable {
  item: Int8;
  slot: number;
  /** Who judged it, or has or had it; null while it is free. */
  annotator: Generated<string | null>;
  lease_until: Generated<Date | null>;
  /** Null until it is judged. */
  choice: Generated<string | null>;
  comment: Generated<string>;
  judge_time: Generated<Date | null>;
}

export interface FeedbackSkipsTable {
  item: Int8;
  annotator: string;
}

export interface Schema {
  runs: RunsTable;
  steps: StepsTable;
  events: EventsTable;
  checkpoints: CheckpointsTable;
  run_checkpoints: RunCheckpointsTable;
  models: ModelsTable;
  model_versions: ModelVersionsTable;
  model_aliases: ModelAliasesTable;
  alias_changes: AliasChangesTable;
  evaluations: EvaluationsTable;
  checkpoint_evaluations: CheckpointEvaluationsView;
  feedback_items: FeedbackItemsTable;
  feedback_slots: FeedbackSlotsTable;
  feedback_skips: FeedbackSkipsTable;
}
