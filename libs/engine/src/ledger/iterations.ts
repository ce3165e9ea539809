/** A run's iterations, as its ledger has them. */
import { Iteration, StepKind, StepReport, StepState, type TrainResponse } from '@hone/contracts';
import type { Queryable } from '@hone/database';
import { reportedResult, type AnyResult } from './results.ts';
import { listSteps, rowsMessage, type Artifacts, type StepRecord } from './steps.ts';

const messagesOf = (references: Artifacts): StepReport['artifacts'] =>
  Object.fromEntries(Object.entries(references).map(([use, rows]) => [use, rowsMessage(rows)]));

/** A step for clients. */
export function reportOf({ name, kind, inputs = {}, startTime, endTime, outcome, warnings }: StepRecord): StepReport {
  const begun = { name, kind, inputs: messagesOf(inputs), startTime, endTime };
  if (!outcome) return StepReport.fromPartial({ ...begun, state: StepState.STARTED });
  const { result, usage, artifacts } = outcome;
  const finished = { state: StepState.FINISHED, usage, artifacts: messagesOf(artifacts), warnings: [...warnings] };
  return { ...StepReport.fromPartial({ ...begun, ...finished }), result: reportedResult(kind, result as never) };
}

/** The checkpoint that a step made, or the one that it measured or published. */
function checkpointOf(kind: StepKind, result: AnyResult): string {
  switch (kind) {
    case StepKind.TRAIN:
      return (result as TrainResponse).checkpoint?.name ?? '';
    case StepKind.EVALUATE:
    case StepKind.PUBLISH:
      return (result as { checkpoint: string }).checkpoint;
    default:
      return '';
  }
}

function assemble(runId: string, index: number, steps: readonly StepRecord[]): Iteration {
  const made = steps.flatMap(({ kind, outcome }) =>
    outcome ? [{ kind, name: checkpointOf(kind, outcome.result) }] : [],
  );
  // What was published stays, though a step before it was damaged and is done again.
  const published = made.find(({ kind }) => kind === StepKind.PUBLISH);
  const checkpoint = (published ?? made.findLast(({ name }) => name !== ''))?.name ?? '';
  return { name: `runs/${runId}/iterations/${index}`, index, checkpoint, steps: steps.map(reportOf) };
}

/** A run's iterations so far. */
export async function iterationsOf(database: Queryable, runId: string): Promise<Iteration[]> {
  const byIteration = new Map<number, StepRecord[]>();
  for (const step of await listSteps(database, runId)) {
    const steps = byIteration.get(step.iteration) ?? [];
    steps.push(step);
    byIteration.set(step.iteration, steps);
  }
  return [...byIteration].map(([index, steps]) => assemble(runId, index, steps));
}

/** One iteration. */
export async function iterationOf(database: Queryable, runId: string, index: number): Promise<Iteration> {
  return assemble(runId, index, await listSteps(database, runId, index));
}
