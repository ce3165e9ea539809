/** An operator's own recipes. */
import { invalidArgument } from '@hone/errors';
import { moduleFunction, moduleLine, moduleName, withModulesOf } from '@hone/extensions';
import { z } from 'zod';
import { RECIPE_KIT } from './kit.ts';
import { schemaOf, settingsOf, type Recipe } from './recipe.ts';
import { RESERVED_KEYS } from './spec/envelope.ts';

/** What is asked of a recipe that came from elsewhere. */
const shape = z.object({
  name: moduleName,
  version: z.number().int().min(1),
  summary: moduleLine,
  paper: moduleLine,
  settings: z.custom(
    (value) => value instanceof Object && 'safeParse' in value && 'shape' in value,
    'must be an object made by z.strictObject',
  ),
  presets: z
    .array(z.object({ name: moduleName, summary: moduleLine, settings: z.record(z.string(), z.unknown()) }))
    .optional(),
  check: moduleFunction.optional(),
  run: moduleFunction,
});

function checkRecipe(made: unknown, where: string): Recipe {
  shape.parse(made);
  const recipe = made as Recipe;
  // What no JSON schema can say no client could show.
  schemaOf(recipe);
  const taken = Object.keys(recipe.settings.shape).find((key) => RESERVED_KEYS.has(key));
  if (taken !== undefined)
    throw invalidArgument(where, `must not have a setting "${taken}", which every run has already`);
  for (const { name, settings } of recipe.presets ?? []) settingsOf(recipe, settings, `preset ${name}`);
  return recipe;
}

/**
 * Hone's recipes with those of a folder (its *.mjs and *.js) behind them; an empty folder name means none. `setting` is what names the
 * folder in errors. A file that makes no recipe is an error, as is a name that is taken.
 */
export const withRecipesOf = (folder: string, own: readonly Recipe[], setting = '--recipes'): Promise<Recipe[]> =>
  withModulesOf({ folder, setting, what: 'recipe', kit: RECIPE_KIT, check: checkRecipe }, own);
