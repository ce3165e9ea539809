import { RunSpec } from '@hone/contracts';
import { RECIPE_KIT, type Recipe } from '@hone/recipes';
import { expect, it } from 'vitest';
import type { RunRecord } from '../ledger/runs.ts';
import type { DurableLoop } from './durable-loop.ts';
import { executeRun } from './execute-run.ts';

const { defineRecipe, z } = RECIPE_KIT;

/** A recipe in its second version, and the settings with which it was followed. */
function recipe() {
  const followed: object[] = [];
  const made = defineRecipe({
    ...{ name: 'two', version: 2, summary: 'A test.', paper: '' },
    settings: z.strictObject({ iterations: z.number().max(9).default(3), rate: z.number().default(0.5) }),
    run: async (_loop, settings) => void followed.push(settings),
  });
  return { recipes: [made as unknown as Recipe], followed };
}

const follow = (recipes: readonly Recipe[], spec: Partial<RunSpec>): Promise<void> => {
  const run = { spec: RunSpec.fromPartial({ recipe: 'two', recipeVersion: 2, ...spec }) };
  return executeRun({} as DurableLoop, run as RunRecord, recipes);
};

it('a run follows its recipe with the effective settings of its spec', async () => {
  const { recipes, followed } = recipe();
  await follow(recipes, { settings: { iterations: 4 } });
  expect(followed).toEqual([{ iterations: 4, rate: 0.5 }]);
});

it.each([1, 3, 0])('a run of version %i of a recipe that has version 2 by now is not gone on with', async (version) => {
  const { recipes, followed } = recipe();
  await expect(follow(recipes, { recipeVersion: version })).rejects.toMatchObject({
    ...{ code: 'FAILED_PRECONDITION', reason: 'RECIPE_CHANGED' },
    message: expect.stringContaining(`version ${version} of recipe two, but this orchestrator has version 2`),
  });
  expect(followed).toEqual([]);
});

it('a run whose recipe is gone, or whose settings it no longer takes, is not gone on with either', async () => {
  const { recipes, followed } = recipe();
  await expect(follow(recipes, { recipe: 'gone' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const refused = follow(recipes, { settings: { iterations: 10 } });
  await expect(refused).rejects.toMatchObject({ violations: [{ field: 'spec.settings.iterations' }] });
  expect(followed).toEqual([]);
});
