import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import { messageOf, Problem } from '@hone/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawProblems, type DrawOptions, type Fate } from './problem-draw.ts';
import { drawRank } from './seeds.ts';

let folder: string;
let store: ArtifactStore;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hone-draw-'));
  store = await ArtifactStore.open(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const sets = new Map<string, Promise<{ digest: string }>>();
/** Each set is stored once. */
async function put(ids: readonly string[]): Promise<string> {
  const rows = ids.map((id) => Problem.toJSON(messageOf(Problem, { id })) as object);
  const stored = sets.get(ids.join()) ?? store.putJsonLines(rows);
  sets.set(ids.join(), stored);
  return (await stored).digest;
}
const IDS = Array.from({ length: 40 }, (_, at) => `p${at}`);
const alike: DrawOptions['treat'] = () => ({ weight: 1, samples: 4 });

async function draw(ids: readonly string[], options: Partial<DrawOptions>) {
  const given = await drawProblems(store, await put(ids), { count: 0, seed: 1n, treat: alike, most: 0, ...options });
  const problems: [string, number][] = [];
  for await (const { problem, samples } of given.problems()) problems.push([problem.id, samples]);
  expect(given.count).toBe(problems.length);
  expect(given.samples).toBe(problems.reduce((sum, [, samples]) => sum + samples, 0));
  return problems;
}
const idsOf = (problems: readonly [string, number][]): string[] => problems.map(([id]) => id);

test('problems of the lowest ranks are drawn, in the order of the set', async () => {
  const drawn = idsOf(await draw(IDS, { count: 10, seed: 7n }));
  const rankOf = (id: string): bigint => drawRank(7n, id);
  const lowest = [...IDS].sort((one, other) => (rankOf(one) < rankOf(other) ? -1 : 1)).slice(0, 10);
  expect(drawn).toEqual(IDS.filter((id) => lowest.includes(id)));
});

test('what a problem weighs changes nothing in the order of the others', async () => {
  const all = idsOf(await draw(IDS, { count: 12, seed: 7n }));
  const skipped = all[3]!;
  const treat = (id: string) => ({ weight: id === skipped ? 0 : 1, samples: 4 });
  const without = idsOf(await draw(IDS, { count: 12, seed: 7n, treat }));
  expect(without.filter((id) => all.includes(id))).toEqual(all.filter((id) => id !== skipped));
  expect(without).toHaveLength(12);
});

test('a problem without weight is never drawn, though too few are left', async () => {
  const treat = (id: string) => ({ weight: id < 'p2' ? 1 : 0, samples: 4 });
  const left = IDS.filter((id) => id < 'p2');
  expect(idsOf(await draw(IDS, { count: 20, treat }))).toEqual(left);
  expect(idsOf(await draw(IDS, { treat }))).toEqual(left);
});

test('of two, one is drawn in the proportion of their weights', async () => {
  const treat = (id: string) => ({ weight: id === 'a' ? 0.25 : 1, samples: 1 });
  const draws = 500;
  let light = 0;
  for (let seed = 0; seed < draws; seed++)
    light += Number(idsOf(await draw(['a', 'b'], { count: 1, seed: BigInt(seed), treat }))[0] === 'a');
  // 0.25 / 1.25, within four standard errors of so many draws.
  expect(Math.abs(light / draws - 0.2)).toBeLessThan(4 * Math.sqrt((0.2 * 0.8) / draws));
});

test('where all are taken, of those with a weight that share is', async () => {
  const ids = Array.from({ length: 1500 }, (_, at) => `p${at}`);
  const treat = (id: string) => ({ weight: id.endsWith('0') ? 0.25 : 1, samples: 1 });
  const drawn = idsOf(await draw(ids, { treat }));
  expect(drawn.filter((id) => !id.endsWith('0'))).toHaveLength(1350);
  const share = drawn.filter((id) => id.endsWith('0')).length / 150;
  expect(Math.abs(share - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / 150));
});

test('each has its own number of samples, and those are drawn that fit into the limit', async () => {
  const treat = (id: string) => ({ weight: 1, samples: id === 'p3' ? 9 : 2 });
  const all = await draw(IDS, { treat });
  expect(all.filter(([id]) => id === 'p3')).toEqual([['p3', 9]]);
  const fates = new Map<string, Fate>();
  const some = await draw(IDS, { treat, most: 21, onProblem: (id, fate) => fates.set(id, fate) });
  const samples = some.reduce((sum, [, count]) => sum + count, 0);
  expect(samples).toBeGreaterThan(12);
  expect(samples).toBeLessThanOrEqual(21);
  expect(IDS.filter((id) => fates.get(id) === 'drawn')).toEqual(idsOf(some));
  expect(IDS.filter((id) => fates.get(id) === 'over')).toHaveLength(40 - some.length);
});
