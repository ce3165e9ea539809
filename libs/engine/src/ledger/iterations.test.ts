import { Evaluation, PublishResult, ResourceUsage, StepKind, StepState, TrainResponse } from '@hone/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestRuns, type TestRuns } from '../testing/test-runs.ts';
import { iterationOf, iterationsOf } from './iterations.ts';
import type { Kind, ResultOf } from './results.ts';
import { deleteStep, insertFinished, insertStarted, type StepKey } from './steps.ts';

let runs: TestRuns;
beforeAll(async () => {
  runs = await openTestRuns();
});
afterAll(() => runs.close());

const finish = <K extends Kind>(runId: string, key: StepKey<K>, result: ResultOf[K]): Promise<void> => {
  const outcome = { result, usage: ResourceUsage.fromPartial({ tokens: 3n }), artifacts: {} };
  return insertFinished(runs.database, runId, key, { outcome, storedBytes: 0n });
};
const train = (runId: string, name: string, checkpoint: string) =>
  finish(
    runId,
    { iteration: 0, name, kind: StepKind.TRAIN },
    TrainResponse.fromPartial({ checkpoint: { name: checkpoint } }),
  );
const checkpointOf = async (runId: string): Promise<string> => (await iterationOf(runs.database, runId, 0)).checkpoint;

it('an iteration has the checkpoint that its steps made last, and in the end the one that it published', async () => {
  const { id } = await runs.addRun();
  expect(await checkpointOf(id)).toBe('');
  await train(id, 'stage-0/round-1', 'checkpoints/a');
  expect(await checkpointOf(id)).toBe('checkpoints/a');
  await train(id, 'stage-0/round-2', 'checkpoints/b');
  const measured = { iteration: 0, name: 'evaluate', kind: StepKind.EVALUATE } as const;
  await finish(id, measured, Evaluation.fromPartial({ checkpoint: 'checkpoints/b' }));
  expect(await checkpointOf(id)).toBe('checkpoints/b');
  const publish = { iteration: 0, name: 'publish', kind: StepKind.PUBLISH } as const;
  await finish(id, publish, PublishResult.fromPartial({ checkpoint: 'checkpoints/b' }));
  // What a part made was damaged, and is made again.
  await deleteStep(runs.database, id, { iteration: 0, name: 'stage-0/round-1', shard: undefined });
  await train(id, 'stage-0/round-1', 'checkpoints/a');
  expect(await checkpointOf(id)).toBe('checkpoints/b');
});

it('a step is reported from its beginning on, with what it gave once it is finished', async () => {
  const { id } = await runs.addRun();
  const key = { iteration: 1, name: 'train', kind: StepKind.TRAIN } as const;
  await insertStarted(runs.database, id, key);
  const [begun] = (await iterationOf(runs.database, id, 1)).steps;
  expect(begun).toMatchObject({ name: 'train', kind: StepKind.TRAIN, state: StepState.STARTED });
  expect([begun!.endTime, begun!.usage, begun!.result]).toEqual([undefined, undefined, undefined]);
  await finish(id, key, TrainResponse.fromPartial({ steps: 7 }));
  const [iteration] = await iterationsOf(runs.database, id);
  expect(iteration).toMatchObject({ name: `runs/${id}/iterations/1`, index: 1 });
  expect(iteration!.steps).toMatchObject([
    { state: StepState.FINISHED, usage: { tokens: 3n }, result: { $case: 'train', value: { steps: 7 } } },
  ]);
});
