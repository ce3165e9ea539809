import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import { messageOf, Problem, RunSpec, Verdict, VerdictState } from '@hone/contracts';
import { findRecipe, settingsOf, type SampleSettings } from '@hone/recipes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Look } from './difficulty.ts';
import { drawIteration, mostSamplesOf } from './iteration-draw.ts';

let folder: string;
let store: ArtifactStore;
let spec: RunSpec;
let look: Look;
/** Of each problem, whether its one sample was right; e was not looked at. */
const SOLVED = { a: 1, b: 0, c: 1, d: 0 };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hone-iteration-'));
  store = await ArtifactStore.open(folder);
  const problems = [...'abcde'].map((id) => Problem.toJSON(messageOf(Problem, { id })) as object);
  spec = messageOf(RunSpec, { trainProblemSet: `problemSets/${(await store.putJsonLines(problems)).digest}` });
  const verdicts = Object.entries(SOLVED).map(
    ([id, score]) => Verdict.toJSON(messageOf(Verdict, { id: `${id}#0`, state: VerdictState.SCORED, score })) as object,
  );
  const { digest, count } = await store.putJsonLines(verdicts);
  look = { iteration: 1, verdicts: { kind: 'verdicts', version: 1, digest, count } };
});
afterAll(() => rm(folder, { recursive: true }));

const settings = (curriculum: object | undefined): SampleSettings =>
  settingsOf(findRecipe('irpo'), { samples_per_problem: 4, ...(curriculum && { curriculum }) }, 'settings') as never;

async function draw(curriculum: object | undefined, looks: readonly Look[] = [look]) {
  const given = await drawIteration({ store, spec, iteration: 2 }, settings(curriculum), looks);
  const drawn: Record<string, number> = {};
  for await (const { problem, samples } of given.problems()) drawn[problem.id] = samples;
  return { drawn, report: given.curriculum };
}

test('problems are treated by their kind, and the report counts both kinds', async () => {
  const { drawn, report } = await draw({ always_solved: { weight: 0 }, never_solved: { samples_per_problem: 9 } });
  expect(drawn).toEqual({ b: 9, d: 9, e: 4 });
  expect(report).toEqual({ alwaysSolved: 2, alwaysSolvedDrawn: 0, neverSolved: 2, neverSolvedDrawn: 2, overBudget: 0 });
});

test('without looks, or without the settings, all problems are alike', async () => {
  const all = { a: 4, b: 4, c: 4, d: 4, e: 4 };
  expect(await draw({ always_solved: { weight: 0 } }, [])).toMatchObject({ drawn: all, report: { alwaysSolved: 0 } });
  expect(await draw(undefined, [])).toEqual({ drawn: all, report: undefined });
});

test('what the limit of completions leaves no room for is counted', async () => {
  const { drawn, report } = await draw({ most_completions: 9 });
  expect(Object.keys(drawn)).toHaveLength(2);
  expect(report).toMatchObject({ overBudget: 3 });
});

test('settings that leave no problem are an error that says which', async () => {
  const { digest } = look.verdicts;
  const all = { iteration: 1, verdicts: { ...look.verdicts, digest } };
  const none = { always_solved: { weight: 0 }, never_solved: { weight: 0 }, most_completions: 3 };
  await expect(draw(none, [all])).rejects.toMatchObject({
    reason: 'NO_PROBLEMS',
    message: expect.stringMatching(/iteration 2 .* 2 were always solved and 2 never.*most_completions \(3\)/),
  });
});

test('the most samples of any problem are those of the kind that has the most', () => {
  expect(mostSamplesOf(settings(undefined))).toBe(4);
  expect(mostSamplesOf(settings({ never_solved: { samples_per_problem: 9 } }))).toBe(9);
  expect(mostSamplesOf(settings({ always_solved: { samples_per_problem: 1 } }))).toBe(4);
});
