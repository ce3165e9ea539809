import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRecipe, RECIPES, settingsOf, withRecipesOf } from './index.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'hone-recipes-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);
const made = (fields: string): string => `export default ({ z, loopKeys }) => ({
  name: 'mine', version: 1, summary: 'Mine.', paper: 'none', settings: z.strictObject({ ...loopKeys }), run: async () => {}, ${fields}
});`;

test('a recipe of a folder stands behind those of Hone', async () => {
  write('b.mjs', made(''));
  write('a.mjs', made(`name: 'other'`));
  for (const name of ['b.test.mjs', 'README.md']) write(name, 'no module');
  const recipes = await withRecipesOf(folder, RECIPES);
  expect(recipes.map(({ name }) => name)).toEqual([...RECIPES.map(({ name }) => name), 'other', 'mine']);
  expect(settingsOf(findRecipe('mine', recipes), {}, 'settings')).toMatchObject({ samples_per_problem: 30 });
  expect(findRecipe('', recipes).name).toBe('irpo');
});

test('no folder means the recipes of Hone', async () => {
  expect(await withRecipesOf('', RECIPES)).toEqual(RECIPES);
});

test.each([
  ['is no module', 'export default (', /x\.mjs: cannot be loaded: /],
  ['exports no function', 'export default 3', /must have a function as its default export/],
  ['throws', `export default () => { throw new Error('no GPU'); }`, /makes no recipe: Error: no GPU/],
  ['gives nothing', 'export default () => undefined', /makes no recipe/],
  ['has no version', made('version: 0'), /makes no recipe: version /],
  ['has a bad name', made(`name: 'Mine'`), /name must be small letters/],
  ['has no run', made('run: undefined'), /run must be a function/],
  ['has no schema', made('settings: {}'), /settings must be an object made by z\.strictObject/],
  ['has the name of another', made(`name: 'irpo'`), /there is a recipe "irpo"/],
  [
    'takes the name of a key of run files',
    made('settings: z.strictObject({ train: z.number() })'),
    /must not have a setting "train"/,
  ],
])('a file that %s is told with what is wrong', async (_, text, message) => {
  write('x.mjs', text);
  await expect(withRecipesOf(folder, RECIPES)).rejects.toThrow(message);
});

test('a folder that is not there is told', async () => {
  await expect(withRecipesOf(path.join(folder, 'no'), RECIPES)).rejects.toThrow(/--recipes: must be a folder/);
});
