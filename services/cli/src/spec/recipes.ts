/** The recipes that this command line knows: Hone's, and those of the folder that --recipes names. A deployment may have others. */
import { RECIPES, withRecipesOf, type Recipe } from '@hone/recipes';
import type { Home } from '../platform/home.ts';

export const recipesOf = (home: Home): Promise<Recipe[]> => withRecipesOf(home.own.recipes ?? '', RECIPES);
