import { GetRecipeRequest, ListRecipesRequest, type Recipe } from '@hone/contracts';
import { settingRows, type JsonSchema } from '@hone/settings';
import { callUnary } from '@hone/rpc';
import { columnsOf, prose, table } from '@hone/terminal';
import type { Command } from 'commander';
import { withPlatform } from '../../platform/platform.ts';
import { homeOf, outputOf } from '../common.ts';

const schemaOf = ({ settingsSchemaJson }: Recipe): JsonSchema => JSON.parse(settingsSchemaJson) as JsonSchema;

const headDocument = ({ name, version, summary, paper }: Recipe) => ({ name, version, summary, paper });

/** A recipe for people: what it is, and every key with its default, its range and what it means. */
function recipeText(recipe: Recipe): string {
  const { name, version, summary, paper } = recipe;
  const width = columnsOf();
  const keys = settingRows(schemaOf(recipe)).map(({ key, initial, range, description }) => {
    const facts = [...(initial === undefined ? [] : [`default ${initial}`]), ...(range === '' ? [] : [range])].join(
      '; ',
    );
    const indented = prose(description, width - 4)
      .split('\n')
      .map((line) => `    ${line}`);
    return [`  ${key}${facts === '' ? '' : `  (${facts})`}`, ...indented].join('\n');
  });
  const presets = recipe.presets.map((preset) => prose(`  ${preset.name}: ${preset.summary}`, width));
  return [
    ...[`${name} ${version}: ${prose(summary, width)}`, `from ${paper}`, '', 'Keys of a run file:', ...keys],
    ...(presets.length > 0
      ? ['', 'Presets (preset: NAME, or --preset NAME; --json shows their settings):', ...presets]
      : []),
  ].join('\n');
}

function addList(recipes: Command): void {
  recipes
    .command('list')
    .description('the recipes that a run can follow, the default first')
    .option('--json', 'as JSON', false)
    .action(async (options: { json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async ({ orchestrator }) => {
        const { recipes: found } = await callUnary(orchestrator, 'listRecipes', ListRecipesRequest.fromPartial({}));
        outputOf(options).result(found.map(headDocument), () =>
          table(
            ['recipe', 'version', 'what it does', 'from'],
            found.map(({ name, version, summary, paper }) => [name, String(version), summary, paper]),
          ),
        );
      });
    });
}

function addShow(recipes: Command): void {
  recipes
    .command('show <name>')
    .description('a recipe with its settings: keys of a run file, their defaults, ranges and meanings')
    .option('--json', 'as JSON, with the JSON schema of the settings', false)
    .action(async (name: string, options: { json: boolean }, command: Command) => {
      await withPlatform({ home: homeOf(command) }, async ({ orchestrator }) => {
        const recipe = await callUnary(orchestrator, 'getRecipe', GetRecipeRequest.fromPartial({ name }));
        outputOf(options).result({ ...headDocument(recipe), settings: schemaOf(recipe), presets: recipe.presets }, () =>
          recipeText(recipe),
        );
      });
    });
}

/** `hone recipes …`. */
export function addRecipeCommands(program: Command): void {
  const recipes = program.command('recipes').description('the methods that runs can follow, with their settings');
  addList(recipes);
  addShow(recipes);
}
