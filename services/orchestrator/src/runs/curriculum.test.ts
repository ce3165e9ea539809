/** Runs whose iterations look at how earlier ones solved their problems. */
import {
  artifactsOf,
  ListSamplesRequest,
  resultOf,
  RunState,
  type Run,
  type RunSpec,
  type Sample,
} from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { settingsOf, startPlatform, type TestPlatform } from '../testing/platform.ts';

let platform: TestPlatform;
/** A run that nothing disturbed. */
let undisturbed: Run;
beforeAll(async () => {
  platform = await startPlatform();
  undisturbed = await finished((await platform.createRun(curriculum)).name);
});
afterAll(() => platform.close());

/** All problems in every iteration, in four shards; those that were always solved are skipped once, unsolved ones sampled more. */
function curriculum(spec: RunSpec): void {
  spec.problemsPerShard = 10;
  const settings = settingsOf(spec) as Record<string, unknown>;
  Object.assign(settings, {
    ...{ iterations: 3, problems_per_iteration: 0, samples_per_problem: 2, pairs: { per_problem: 1 } },
    curriculum: { within: 1, always_solved: { weight: 0 }, never_solved: { samples_per_problem: 5 } },
  });
}

async function finished(name: string): Promise<Run> {
  await platform.watch(name);
  const run = await platform.getRun(name);
  expect([run.error, run.state]).toEqual(['', RunState.SUCCEEDED]);
  return run;
}
const made = ({ iterations }: Run) =>
  iterations.map((iteration) => [iteration.checkpoint, artifactsOf(iteration), resultOf(iteration, 'sample')]);

/** The samples of an iteration, by problem, over pages that end within problems. */
async function samplesOf(run: string, iteration: number): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const byProblem = new Map<string, Sample[]>();
  let pageToken = '';
  do {
    const request = ListSamplesRequest.fromPartial({ run, iteration, pageSize: 5, pageToken });
    const page = await callUnary(platform.client, 'listSamples', request);
    for (const sample of page.samples) {
      const id = sample.problem!.id;
      byProblem.set(id, [...(byProblem.get(id) ?? []), sample]);
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return byProblem;
}

const rightOf = (samples: readonly Sample[]): number => samples.filter(({ verdict }) => verdict!.score === 1).length;

it('skips what was always solved, samples more what was not, says how many, and lists every sample with its verdict', async () => {
  const { name, iterations } = undisturbed;
  const [first, second] = [await samplesOf(name, 1), await samplesOf(name, 2)];
  expect(first.size).toBe(40);
  const solved = [...first].filter(([, samples]) => rightOf(samples) === samples.length).map(([id]) => id);
  const unsolved = [...first].filter(([, samples]) => rightOf(samples) === 0).map(([id]) => id);
  expect(Math.min(solved.length, unsolved.length)).toBeGreaterThan(0);
  expect([...second.keys()].sort()).toEqual([...first.keys()].filter((id) => !solved.includes(id)).sort());
  for (const [id, samples] of second) {
    expect(samples.map(({ completion }) => completion!.sampleIndex)).toEqual(
      Array.from({ length: unsolved.includes(id) ? 5 : 2 }, (_, index) => index),
    );
    for (const { verdict, completion } of samples) expect(verdict!.id).toBe(`${id}#${completion!.sampleIndex}`);
  }
  expect(resultOf(iterations[2]!, 'sample')).toMatchObject({
    problems: 40 - solved.length,
    samples: 2 * (40 - solved.length) + 3 * unsolved.length,
    samplesPerProblem: 5,
    curriculum: {
      ...{ alwaysSolved: solved.length, alwaysSolvedDrawn: 0 },
      ...{ neverSolved: unsolved.length, neverSolvedDrawn: unsolved.length },
    },
  });
  // The window of one iteration is over: what was skipped is back.
  const third = await samplesOf(name, 3);
  for (const id of solved) expect(third.get(id)).toHaveLength(2);
});

it.each([
  ['sample', 3],
  ['score', 2],
])('makes the same bytes where the orchestrator ends in a %s call', async (call, nth) => {
  let count = 0;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const reached = new Promise<void>((resolve) => {
    platform.hooks.before = async (name) => {
      // Of the second iteration: the first has a call for each shard.
      if (name !== call || ++count < 4 + nth) return;
      resolve();
      await released;
    };
  });
  const { name } = await platform.createRun(curriculum);
  await reached;
  const ending = platform.restart();
  platform.hooks.before = async () => undefined;
  release();
  await ending;
  expect(made(await finished(name))).toEqual(made(undisturbed));
});

it('is refused where a run would look at fewer iterations than must agree', async () => {
  const change = (spec: RunSpec): void => {
    curriculum(spec);
    (settingsOf(spec) as Record<string, unknown>)['curriculum'] = { looks: 3, within: 2 };
  };
  await expect(platform.createRun(change)).rejects.toThrow(/curriculum\.within.*must be 0 or at least looks \(3\)/);
});
