/** An operator's own recipes: a folder of modules, each of which makes one from what it is given. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { invalidArgument } from '@hone/errors';
import { z } from 'zod';
import { RECIPE_KIT } from './kit.ts';
import { schemaOf, type Recipe } from './recipe.ts';
import { RESERVED_KEYS } from './spec/envelope.ts';

const line = z.string().min(1).max(1_000);
const isFunction = z.custom((value) => typeof value === 'function', 'must be a function');

/** What is asked of a recipe that came from elsewhere. */
const shape = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be small letters, digits and hyphens, 63 at most'),
  version: z.number().int().min(1),
  summary: line,
  paper: line,
  settings: z.custom(
    (value) => value instanceof Object && 'safeParse' in value && 'shape' in value,
    'must be an object made by z.strictObject',
  ),
  check: isFunction.optional(),
  run: isFunction,
});

const nameOf = (setting: string, file: string): string => `${setting}: ${file}`;

async function loadRecipe(file: string, setting: string): Promise<Recipe> {
  const module = (await import(pathToFileURL(file).href).catch((thrown: unknown) => {
    throw invalidArgument(nameOf(setting, file), `cannot be loaded: ${String(thrown)}`, thrown);
  })) as { default?: unknown };
  if (typeof module.default !== 'function')
    throw invalidArgument(nameOf(setting, file), 'must have a function as its default export, which makes the recipe');
  try {
    const recipe = (module.default as (kit: typeof RECIPE_KIT) => unknown)(RECIPE_KIT);
    shape.parse(recipe);
    // What no JSON schema can say no client could show.
    schemaOf(recipe as Recipe);
    return recipe as Recipe;
  } catch (thrown) {
    const issues = thrown instanceof z.ZodError ? thrown.issues : [];
    const told = issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ');
    throw invalidArgument(nameOf(setting, file), `makes no recipe: ${told || String(thrown)}`, thrown);
  }
}

/**
 * Hone's recipes with those of a folder (its *.mjs and *.js) behind them; an empty folder name means none. `setting` is what names the
 * folder in errors. A file that makes no recipe is an error, as is a name that is taken.
 */
export async function withRecipesOf(folder: string, own: readonly Recipe[], setting = '--recipes'): Promise<Recipe[]> {
  const recipes = [...own];
  for (const file of folder === '' ? [] : modulesIn(folder, setting)) {
    const recipe = await loadRecipe(file, setting);
    if (recipes.some(({ name }) => name === recipe.name))
      throw invalidArgument(nameOf(setting, file), `must have a name of its own: there is a recipe "${recipe.name}"`);
    const taken = Object.keys(recipe.settings.shape).find((key) => RESERVED_KEYS.has(key));
    if (taken !== undefined)
      throw invalidArgument(nameOf(setting, file), `must not have a setting "${taken}", which every run has already`);
    recipes.push(recipe);
  }
  return recipes;
}

function modulesIn(folder: string, setting: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => /\.m?js$/.test(name) && !/\.test\.m?js$/.test(name));
    return names.sort().map((name) => path.resolve(folder, name));
  } catch (thrown) {
    throw invalidArgument(setting, `must be a folder that can be read, but is ${folder}`, thrown);
  }
}
