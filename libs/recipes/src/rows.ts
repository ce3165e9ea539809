/** What steps give and take: references to what is stored, never the rows themselves. */

/** What a row of an artifact is. */
export type RowsKind = 'problems' | 'completions' | 'verdicts' | 'comparisons' | 'groups' | 'examples' | 'evaluation';

/** Stored rows: JSON lines that never change. */
export interface RowsRef<Kind extends RowsKind = RowsKind> {
  readonly kind: Kind;
  /** Version of the rows' form. */
  readonly version: number;
  /** sha256 of the rows, in hexadecimal. */
  readonly digest: string;
  /** Number of rows. */
  readonly count: number;
}

/** Facts about how something was made, for the lineage of the checkpoint that comes of it. */
export type Provenance = Readonly<Record<string, unknown>>;

/** A model of the loop. */
export interface Model {
  /** "checkpoints/{sha256}". */
  readonly checkpoint: string;
}

/** Problems of an iteration: some of the run's, and new ones behind them. */
export interface Problems {
  readonly rows: RowsRef<'problems'>;
  readonly provenance: Provenance;
}

/** What was sampled: a row each problem, with its completions. */
export interface Samples {
  /** The problems among which theirs are, in the same order; absent means the run's training problems. */
  readonly problems?: RowsRef<'problems'> | undefined;
  readonly completions: RowsRef<'completions'>;
  /** Completions in all. */
  readonly samples: number;
  readonly samplesPerProblem: number;
  readonly provenance: Provenance;
}

/** Samples with their verdicts: a row each completion, in the same order. */
export interface Judged extends Samples {
  readonly verdicts: RowsRef<'verdicts'>;
}

/** Samples that people compared: a row each problem of which they were asked something. */
export interface Compared extends Samples {
  readonly comparisons: RowsRef<'comparisons'>;
}

/** The verdicts of samples that are judged. */
export const verdictsOf = (samples: Samples | Judged): Judged['verdicts'] | undefined =>
  'verdicts' in samples ? samples.verdicts : undefined;

/** What people said of samples that they compared. */
export const comparisonsOf = (samples: Samples | Compared): Compared['comparisons'] | undefined =>
  'comparisons' in samples ? samples.comparisons : undefined;

/** What a model can be trained on: preference groups or examples. */
export interface Dataset {
  readonly rows: RowsRef<'groups' | 'examples'>;
  readonly provenance: Provenance;
}

/** A share of problems, as a step measured it. */
export interface Measured {
  /** Greedy accuracy, 0 to 1; undefined where it was not asked for. */
  readonly greedy: number | undefined;
  /** Accuracy of majority voting, 0 to 1; undefined where it was not asked for. */
  readonly majority: number | undefined;
}

/** What the choice among a run's checkpoints has found so far. */
export interface Choice {
  readonly best: Model;
  /** Why the run should end here; undefined where it should go on. */
  readonly stop: string | undefined;
}
