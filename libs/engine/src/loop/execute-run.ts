import { failedPrecondition } from '@hone/errors';
import { findRecipe, settingsOf, type Recipe } from '@hone/recipes';
import type { RunRecord } from '../ledger/runs.ts';
import type { DurableLoop } from './durable-loop.ts';

/**
 * Follows a run's recipe. Steps that are done are passed over, so following it again goes on where it stopped. The spec has the effective
 * settings of the recipe's version: those of another could mean something else.
 */
export async function executeRun(loop: DurableLoop, { spec }: RunRecord, recipes: readonly Recipe[]): Promise<void> {
  const recipe = findRecipe(spec.recipe, recipes);
  if (recipe.version !== spec.recipeVersion)
    throw failedPrecondition(
      'RECIPE_CHANGED',
      `the run follows version ${spec.recipeVersion} of recipe ${recipe.name}, but this orchestrator has version ${recipe.version}: ` +
        'create a new run',
    );
  await recipe.run(loop, settingsOf(recipe, spec.settings ?? {}, 'spec.settings'));
}
