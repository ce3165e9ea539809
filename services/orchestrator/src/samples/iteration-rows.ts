/** Where the rows of an iteration lie: in the artifacts of its finished phases, or of the shards that are finished so far. */
import { Phase } from '@hone/contracts';
import type { Queryable } from '@hone/database';
import { lastIterationWith, listIterationSteps, shardIndexOf, type StepRecord } from '../database/phases.ts';
import type { RunRecord } from '../database/runs.ts';
import { specAt } from '../engine/schedule.ts';
import { shardSizeOf } from '../engine/shards.ts';

/** Stored rows, and the number of the problem to which the first of them belongs. */
export interface RowSource {
  readonly firstRow: number;
  readonly digest: string;
}

/** An iteration's rows. Problems are numbered from 0, in the order in which they were drawn. */
export interface IterationRows {
  readonly iteration: number;
  readonly problemSet: string;
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

/** The rows of one iteration as far as they are there; `iteration` 0 is the latest one that has any of the phase's. */
export async function findIterationRows(
  database: Queryable,
  run: RunRecord,
  asked: number,
  phase: Phase.SAMPLE | Phase.PAIR,
): Promise<IterationRows> {
  const iteration = asked > 0 ? asked : await lastIterationWith(database, run.id, phase);
  const spec = specAt(run.spec, iteration);
  const steps = await listIterationSteps(database, run.id, iteration);
  const sourcesOf = (of: Phase, kind: string): RowSource[] => {
    const found = steps.filter((step) => step.phase === of && step.artifacts[kind] !== undefined);
    const firstRowOf = ({ step }: StepRecord): number => (step === '' ? 0 : shardIndexOf(step) * shardSizeOf(spec));
    return found
      .map((step) => ({ firstRow: firstRowOf(step), digest: step.artifacts[kind]! }))
      .sort((left, right) => left.firstRow - right.firstRow);
  };
  return {
    iteration,
    problemSet: run.spec.trainProblemSet,
    samplesPerProblem: spec.samplesPerProblem,
    completions: sourcesOf(Phase.SAMPLE, 'completions'),
    verdicts: sourcesOf(Phase.SCORE, 'verdicts'),
    pairs: sourcesOf(Phase.PAIR, 'pairs')[0]?.digest,
    isFinal: steps.some((step) => step.phase === Phase.SCORE && step.step === ''),
  };
}
