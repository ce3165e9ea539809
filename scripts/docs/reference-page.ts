/** docs/reference/recipes.md: every key of a run, drawn from the schemas that check it. */
import {
  fileEnvelopeKeys,
  fileKeyOf,
  RECIPES,
  schemaOf,
  scorerShapes,
  serverShape,
  envelope,
  type Recipe,
} from '@hone/recipes';
import { RULES, type Rule } from '@hone/rules';
import {
  schemaOf as jsonSchemaOf,
  settingRows,
  type JsonSchema,
  type SettingRow,
  type SettingsSchema,
  versionedName,
} from '@hone/settings';
import { z } from 'zod';
import { uploadKeys } from '../../services/cli/src/spec/run-keys.ts';
import { cell, code, table } from './markdown.ts';

const rowsOf = (schema: object): SettingRow[] => settingRows(schema as JsonSchema);
const keysOf = (schema: SettingsSchema): SettingRow[] => rowsOf(jsonSchemaOf(schema));

/** Keys as a table. */
const keyTable = (rows: readonly SettingRow[]): string =>
  table(
    ['key', 'default', 'values', 'meaning'],
    rows.map(({ key, initial = '', range, description }) => [code(key), code(initial), cell(range), cell(description)]),
  );

/** Fields of the contract that a run file calls by another name. */
const renamed = Object.keys(envelope.shape)
  .filter((field) => fileKeyOf(field) !== field)
  .map((field) => `\`${field}\` is \`${fileKeyOf(field)}\``)
  .join(', ');

const recipeSection = (recipe: Recipe): string[] => [
  `## Recipe ${recipe.name}`,
  `${recipe.summary} Version ${recipe.version}; from ${recipe.paper}.`,
  keyTable(rowsOf(schemaOf(recipe))),
  ...(recipe.presets ? [`Presets: ${recipe.presets.map(({ name }) => code(name)).join(', ')}.`] : []),
];

const ruleSection = (rule: Rule): string[] => [
  `### ${versionedName(rule)}`,
  `${rule.summary} It makes ${rule.produces}. From ${rule.source}.`,
  Object.keys(rule.settings.shape).length === 0 ? 'It has no settings.' : keyTable(keysOf(rule.settings)),
];

/** The page, as Markdown that is not formatted yet. */
export function referencePage(): string {
  return [
    '# Keys of a run',
    '_Made from the schemas by `npm run docs`; do not edit._',
    'A run file (YAML) has, side by side, the keys that say what is uploaded, those that every run has, and the settings of its recipe.',
    'A client in any language gives the same by `CreateRun`: what is uploaded by names, the keys of every run as fields of `RunSpec` ' +
      `(where ${renamed}), and the settings as \`RunSpec.settings\`. The orchestrator fills in every default, and answers with the ` +
      'effective spec; `hone spec -f run.yaml` prints it, and `hone recipes show NAME --json` has the JSON schema of the settings.',
    '## What is uploaded',
    'In a run file only.',
    keyTable(keysOf(z.strictObject(uploadKeys)).filter(({ key }) => !/^(?:validation|test)\./.test(key))),
    '`validation` and `test` have the keys of `train`.',
    '## Every run',
    keyTable(keysOf(z.strictObject(fileEnvelopeKeys))),
    '### A scorer',
    'Its name alone, or a mapping:',
    keyTable(keysOf(scorerShapes.single)),
    'Or several, whose verdicts become one:',
    keyTable(keysOf(scorerShapes.combined)),
    '### A sampler, trainer or evaluator',
    'Its address alone, or a mapping:',
    keyTable(keysOf(serverShape)),
    ...RECIPES.flatMap(recipeSection),
    '## Dataset rules',
    'Their settings stand beside `rule` and `address`, such as `pairs.per_problem`. `hone rules list` shows those of a deployment.',
    ...RULES.flatMap(ruleSection),
  ].join('\n\n');
}
