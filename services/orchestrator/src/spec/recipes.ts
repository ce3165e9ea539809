/** RPCs on recipes. */
import { ListRecipesResponse, Recipe as RecipeMessage, type GetRecipeRequest } from '@hone/contracts';
import { findRecipe, schemaOf, type Recipe } from '@hone/recipes';

const messageOf = (recipe: Recipe): RecipeMessage => ({
  name: recipe.name,
  version: recipe.version,
  summary: recipe.summary,
  paper: recipe.paper,
  settingsSchemaJson: JSON.stringify(schemaOf(recipe)),
  presets: (recipe.presets ?? []).map(({ name, summary, settings }) => ({ name, summary, settings })),
});

/** ListRecipes. */
export function listRecipesWith(recipes: readonly Recipe[]) {
  const response = ListRecipesResponse.fromPartial({ recipes: recipes.map(messageOf) });
  return async (): Promise<ListRecipesResponse> => response;
}

/** GetRecipe. */
export function getRecipeWith(recipes: readonly Recipe[]) {
  return async ({ name }: GetRecipeRequest): Promise<RecipeMessage> => messageOf(findRecipe(name, recipes));
}
