import { BuildResult, ResourceUsage, SampleResult, ScoreResult, StepKind } from '@hone/contracts';
import type { RowsRef } from '@hone/recipes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Kind } from '../ledger/results.ts';
import type { RunRecord } from '../ledger/runs.ts';
import { insertFinished, insertStarted, type Artifacts, type StepKey } from '../ledger/steps.ts';
import { openTestRuns, type TestRuns } from '../testing/test-runs.ts';
import { findIterationRows } from './iteration-rows.ts';

let runs: TestRuns;
beforeAll(async () => {
  runs = await openTestRuns();
});
afterAll(() => runs.close());

const PROBLEMS = `problemSets/${'a'.repeat(64)}`;
const addRun = (): Promise<RunRecord> => runs.addRun({ trainProblemSet: PROBLEMS });

type Rowed = StepKind.SAMPLE | StepKind.SCORE | StepKind.BUILD;
const USES = { [StepKind.SAMPLE]: 'completions', [StepKind.SCORE]: 'verdicts', [StepKind.BUILD]: 'groups' } as const;
const NAMES = { [StepKind.SAMPLE]: 'sample', [StepKind.SCORE]: 'score', [StepKind.BUILD]: 'build' } as const;
const RESULTS = {
  [StepKind.SAMPLE]: SampleResult.fromPartial({ samplesPerProblem: 4 }),
  [StepKind.SCORE]: ScoreResult.fromPartial({}),
  [StepKind.BUILD]: BuildResult.fromPartial({}),
};

interface Finished {
  readonly shard?: number;
  readonly name?: string;
  readonly rows?: RowsRef['kind'];
  readonly inputs?: Artifacts;
}

/** Notes that a step, or a shard of it, has stored rows of this digest. */
async function finish(
  { id }: RunRecord,
  [iteration, kind, digest]: readonly [number, Rowed, string],
  { shard, name = NAMES[kind], rows = USES[kind], inputs }: Finished = {},
): Promise<void> {
  const artifacts = { [rows]: { kind: rows, version: 1, digest, count: 1 } };
  const outcome = { result: RESULTS[kind], usage: ResourceUsage.fromPartial({}), artifacts };
  const key: StepKey<Kind> = { iteration, name, kind };
  await insertStarted(runs.database, id, key, inputs);
  await insertFinished(runs.database, id, key, { shard, outcome, storedBytes: 0n });
}

const find = (run: RunRecord, iteration = 0, kind: StepKind.SAMPLE | StepKind.BUILD = StepKind.SAMPLE) =>
  findIterationRows(runs.database, run, iteration, kind);

const NOTHING = { samplesPerProblem: 0, completions: [], verdicts: [], pairs: undefined, isFinal: false };

describe('the rows of an iteration', () => {
  it('are none before there is any, and while a step has only begun', async () => {
    const run = await addRun();
    expect(await find(run)).toEqual({ iteration: 0, problemSet: PROBLEMS, ...NOTHING });
    await insertStarted(runs.database, run.id, { iteration: 1, name: 'sample', kind: StepKind.SAMPLE });
    expect(await find(run, 1)).toEqual({ iteration: 1, problemSet: PROBLEMS, ...NOTHING });
  });

  it('are those of finished shards, by their first rows, until the step as a whole has them', async () => {
    const run = await addRun();
    for (const [shard, digest] of [
      [6, 'c'],
      [0, 'a'],
      [3, 'b'],
    ] as const)
      await finish(run, [1, StepKind.SAMPLE, digest], { shard });
    await finish(run, [1, StepKind.SCORE, 'v'], { shard: 3 });
    expect(await find(run, 1)).toMatchObject({
      ...{ samplesPerProblem: 4, isFinal: false, pairs: undefined },
      completions: [
        { firstRow: 0, digest: 'a' },
        { firstRow: 3, digest: 'b' },
        { firstRow: 6, digest: 'c' },
      ],
      verdicts: [{ firstRow: 3, digest: 'v' }],
    });
  });

  it('are final once all is judged, and have pairs once those are built', async () => {
    const run = await addRun();
    await finish(run, [1, StepKind.SAMPLE, 'c']);
    expect(await find(run, 1)).toMatchObject({ isFinal: false, completions: [{ firstRow: 0, digest: 'c' }] });
    await finish(run, [1, StepKind.SCORE, 'v']);
    expect(await find(run, 1)).toMatchObject({ isFinal: true, verdicts: [{ firstRow: 0, digest: 'v' }] });
    await finish(run, [1, StepKind.BUILD, 'g']);
    expect(await find(run, 1)).toMatchObject({ pairs: 'g' });
  });

  it('are those that belong together, where an iteration samples twice', async () => {
    const run = await addRun();
    const rows = (digest: string) => ({ completions: { kind: 'completions', version: 1, digest, count: 1 } }) as const;
    await finish(run, [1, StepKind.SAMPLE, 'c1']);
    await finish(run, [1, StepKind.SCORE, 'v1'], { inputs: rows('c1') });
    await finish(run, [1, StepKind.BUILD, 'g1'], { inputs: rows('c1') });
    await finish(run, [1, StepKind.SAMPLE, 'c2'], { name: 'again' });
    // The second sampling is not judged yet: the verdicts of the first are not shown for it.
    expect(await find(run, 1)).toMatchObject({ completions: [{ digest: 'c2' }], verdicts: [], isFinal: false });
    const paired = { completions: [{ digest: 'c1' }], verdicts: [{ digest: 'v1' }], pairs: 'g1', isFinal: true };
    expect(await find(run, 1, StepKind.BUILD)).toMatchObject(paired);
    await finish(run, [1, StepKind.SCORE, 'v2'], { name: 'score-again', inputs: rows('c2') });
    expect(await find(run, 1)).toMatchObject({ verdicts: [{ digest: 'v2' }], isFinal: true });
  });

  it('are those of the latest iteration that has any of what is asked for, where none is named', async () => {
    const run = await addRun();
    await finish(run, [1, StepKind.SAMPLE, 'c1']);
    await finish(run, [1, StepKind.BUILD, 'g1']);
    await finish(run, [2, StepKind.SAMPLE, 'c2'], { shard: 0 });
    expect(await find(run)).toMatchObject({ iteration: 2, completions: [{ digest: 'c2' }], pairs: undefined });
    expect(await find(run, 0, StepKind.BUILD)).toMatchObject({ iteration: 1, pairs: 'g1' });
    expect(await find(run, 1)).toMatchObject({ iteration: 1, completions: [{ digest: 'c1' }] });
  });

  it('are those of the step that began last, where several of a kind have names of their own', async () => {
    const run = await addRun();
    await finish(run, [1, StepKind.SAMPLE, 'z'], { name: 'sample/draft' });
    await finish(run, [1, StepKind.SAMPLE, 'a'], { name: 'sample/again' });
    expect((await find(run, 1)).completions).toEqual([{ firstRow: 0, digest: 'a' }]);
  });

  it('have no pairs where what was built are examples', async () => {
    const run = await addRun();
    await finish(run, [1, StepKind.SAMPLE, 'c']);
    await finish(run, [1, StepKind.BUILD, 'e'], { rows: 'examples' });
    expect((await find(run, 1)).pairs).toBeUndefined();
  });
});
