/** All that a methods section of a paper says of a run, gathered from the run, its checkpoints and their recipes. */
import {
  GetCheckpointRequest,
  GetLineageRequest,
  Iteration,
  RunSpec,
  type Checkpoint,
  type Run,
} from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import type { Clients } from '../platform/platform.ts';
import { runDocument } from '../reports/report.ts';

function checkpointDocument(checkpoint: Checkpoint) {
  const { name, origin, parent, displayName, dataset, iteration, recipeJson } = checkpoint;
  return {
    checkpoint: name,
    origin: origin.replace('CHECKPOINT_ORIGIN_', '').toLowerCase(),
    name: displayName,
    parameters: Number(checkpoint.parameterCount),
    bytes: Number(checkpoint.sizeBytes),
    parent,
    dataset,
    iteration,
    recipe: JSON.parse(recipeJson || '{}') as unknown,
  };
}

/** Where two messages of a run's end are told apart. */
function outcomeOf({ error, earlyStop, bestCheckpoint, bestIteration }: Run) {
  return {
    ...(error && { error }),
    ...(earlyStop && { early_stop: earlyStop }),
    ...(bestCheckpoint && { best: { checkpoint: bestCheckpoint, iteration: bestIteration } }),
  };
}

/** The run with its spec, its lineage and every recipe on the way. */
export async function runReport({ orchestrator }: Clients, run: Run) {
  const last = run.iterations.findLast(({ checkpoint }) => checkpoint !== '')?.checkpoint ?? run.spec!.baseCheckpoint;
  const { checkpoints } = await callUnary(orchestrator, 'getLineage', GetLineageRequest.fromPartial({ name: last }));
  const base = await callUnary(
    orchestrator,
    'getCheckpoint',
    GetCheckpointRequest.fromPartial({ name: run.spec!.baseCheckpoint }),
  );
  return {
    ...runDocument(run),
    ...outcomeOf(run),
    created: run.createTime?.toISOString() ?? '',
    updated: run.updateTime?.toISOString() ?? '',
    usage: {
      seconds: run.usage?.seconds ?? 0,
      tokens: Number(run.usage?.tokens ?? 0n),
      peak_memory_bytes: Number(run.usage?.peakMemoryBytes ?? 0n),
      disk_bytes: Number(run.diskBytes),
    },
    spec: RunSpec.toJSON(run.spec!),
    base: checkpointDocument(base),
    details: run.iterations.map((iteration) => Iteration.toJSON(iteration)),
    lineage: checkpoints.map(checkpointDocument),
  };
}
