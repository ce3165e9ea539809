/** Where the rows of an iteration lie: in the artifacts of its finished steps, or of the shards that are finished so far. */
import { nameOfDigest, StepKind, type SampleResult } from '@hone/contracts';
import type { Queryable } from '@hone/database';
import type { RunRecord } from '../ledger/runs.ts';
import { lastIterationWith, listLedger, type StepRecord } from '../ledger/steps.ts';

/** Stored rows, and the number of the problem to which the first of them belongs. */
export interface RowSource {
  readonly firstRow: number;
  readonly digest: string;
}

/** An iteration's rows. Problems are numbered from 0, in the order in which they were drawn. */
export interface IterationRows {
  readonly iteration: number;
  readonly problemSet: string;
  /** The most of any problem. */
  readonly samplesPerProblem: number;
  /** JudgedProblems without verdicts, by rising first row. */
  readonly completions: readonly RowSource[];
  /** Verdicts, as many for each problem as it has samples. */
  readonly verdicts: readonly RowSource[];
  /** The dataset of pairs; undefined before it is built. */
  readonly pairs: string | undefined;
  /** Whether all is sampled and judged, so that the same question gets the same answer later. */
  readonly isFinal: boolean;
}

/** Rows of the latest steps of an iteration; of the latest iteration that has such a step, where none is asked. */
export async function findIterationRows(
  database: Queryable,
  run: RunRecord,
  asked: number,
  kind: StepKind.SAMPLE | StepKind.BUILD,
): Promise<IterationRows> {
  const iteration = asked > 0 ? asked : await lastIterationWith(database, run.id, kind);
  const ledger = await listLedger(database, run.id, iteration);
  const built = latest(ledger, StepKind.BUILD);
  const sampled = kind === StepKind.BUILD ? sourceOf(ledger, built) : latest(ledger, StepKind.SAMPLE);
  const judged = latest(ledger, StepKind.SCORE, digestOf(sampled));
  return {
    iteration,
    problemSet: problemSetOf(run, sampled),
    samplesPerProblem: samplesPerProblemOf(sampled),
    completions: sourcesOf(sampled, 'completions'),
    verdicts: sourcesOf(judged, 'verdicts'),
    pairs: sourcesOf(built, 'groups')[0]?.digest,
    isFinal: judged.some(({ shard, outcome }) => shard === undefined && outcome !== undefined),
  };
}

const isWhole = ({ shard }: StepRecord): boolean => shard === undefined;

/** The completions of a step as a whole; undefined before it is finished. */
const digestOf = (steps: readonly StepRecord[]): string | undefined =>
  steps.find(isWhole)?.outcome?.artifacts['completions']?.digest;

/** The problems that a sampling was given; the run's where it drew its own. */
function problemSetOf({ spec }: RunRecord, sampled: readonly StepRecord[]): string {
  const given = sampled.find(isWhole)?.inputs?.['problems'];
  return given ? nameOfDigest('problemSets', given.digest) : spec.trainProblemSet;
}

function samplesPerProblemOf(sampled: readonly StepRecord[]): number {
  const finished = sampled.find(({ outcome }) => outcome !== undefined);
  return (finished?.outcome?.result as SampleResult | undefined)?.samplesPerProblem ?? 0;
}

/** The step of a kind that began last, and its shards; of these completions, where they are named. */
function latest(ledger: readonly StepRecord[], kind: StepKind, completions?: string): StepRecord[] {
  const isOf = ({ inputs }: StepRecord): boolean =>
    completions === undefined || inputs === undefined || inputs['completions']?.digest === completions;
  const name = ledger.findLast((step) => step.kind === kind && isWhole(step) && isOf(step))?.name;
  return ledger.filter((step) => step.kind === kind && step.name === name);
}

/** The sampling whose completions a build step was given. */
function sourceOf(ledger: readonly StepRecord[], built: readonly StepRecord[]): StepRecord[] {
  const wanted = built.find(isWhole)?.inputs?.['completions']?.digest;
  if (wanted === undefined) return latest(ledger, StepKind.SAMPLE);
  const name = ledger.find((step) => step.kind === StepKind.SAMPLE && digestOf([step]) === wanted)?.name;
  return ledger.filter((step) => step.kind === StepKind.SAMPLE && step.name === name);
}

function sourcesOf(steps: readonly StepRecord[], use: string): RowSource[] {
  return steps
    .flatMap(({ shard = 0, outcome }) => {
      const rows = outcome?.artifacts[use];
      return rows ? [{ firstRow: shard, digest: rows.digest }] : [];
    })
    .sort((left, right) => left.firstRow - right.firstRow);
}
