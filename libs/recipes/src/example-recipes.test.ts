import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { findRecipe, RECIPES, settingsOf, withRecipesOf, type Recipe } from './index.ts';
import { recordedLoop } from './recorded-loop.ts';

const folder = fileURLToPath(new URL('../../../examples/extensions/recipe', import.meta.url));
let recipe: Recipe;
beforeAll(async () => (recipe = findRecipe('fixed-reference', await withRecipesOf(folder, RECIPES))));

describe('the example recipe', () => {
  const references = async (given: object): Promise<string[]> => {
    const { loop, lines } = recordedLoop();
    await recipe.run(loop, settingsOf(recipe, { iterations: 3, ...given }, 'settings'));
    return lines.filter((line) => line.includes('train')).map((line) => line.split(' on ')[0]!);
  };

  test('trains every model against M_0', async () => {
    expect(await references({})).toEqual([
      '1 train base against base',
      '2 train m1 against base',
      '3 train m2 against base',
    ]);
  });

  test('has a setting of its own', async () => {
    expect(await references({ follow_after: 2 })).toContain('3 train m2 against m2');
    expect(() => settingsOf(recipe, { follow_after: -1 }, 'settings')).toThrow(
      'settings.follow_after: must be at least 0',
    );
  });
});
