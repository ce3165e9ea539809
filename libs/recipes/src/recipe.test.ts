import { readdirSync } from 'node:fs';
import { HoneError } from '@hone/errors';
import { describe, expect, test } from 'vitest';
import { findRecipe, RECIPES, schemaOf, settingsOf } from './index.ts';

const irpo = findRecipe('irpo');

function broken(settings: object): Record<string, string> {
  try {
    settingsOf(irpo, settings, 'spec.settings');
    return {};
  } catch (thrown) {
    return Object.fromEntries((thrown as HoneError).violations.map(({ field, description }) => [field, description]));
  }
}

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly required?: string[];
}

/** Every key of a schema, with its path. */
function* keysOf(schema: Schema, path = ''): Generator<[string, Schema, boolean]> {
  for (const [name, key] of Object.entries(schema.properties ?? {})) {
    const at = path === '' ? name : `${path}.${name}`;
    yield [at, key, schema.required?.includes(name) ?? false];
    yield* keysOf(key, at);
    if (key.items) yield* keysOf(key.items, `${at}[]`);
  }
}

describe.each(RECIPES)('$name', (recipe) => {
  test('nothing need be said: every setting has a default', () => {
    const keys = Object.keys(settingsOf(recipe, {}, 'settings'));
    expect(keys).toEqual(expect.arrayContaining(['warm_up', 'evaluation', 'training']));
  });

  test('the effective settings are settings, and their own effective settings', () => {
    const once = settingsOf(recipe, {}, 'settings');
    expect(settingsOf(recipe, JSON.parse(JSON.stringify(once)), 'settings')).toEqual(once);
  });

  test('its JSON schema describes every key, and is JSON', () => {
    const schema = JSON.parse(JSON.stringify(schemaOf(recipe))) as Schema;
    const keys = [...keysOf(schema)];
    expect(keys.length).toBeGreaterThan(30);
    expect(keys.filter(([, key]) => !key.description).map(([path]) => path)).toEqual([]);
  });
});

test('the defaults of irpo are those of the paper for GSM8K', () => {
  expect(settingsOf(irpo, {}, 'settings')).toMatchObject({ iterations: 1, samples_per_problem: 30 });
  const { properties } = schemaOf(irpo) as Schema;
  const temperature = { type: 'number', default: 0.8, maximum: 10 };
  expect(properties?.['sampling']?.properties?.['temperature']).toMatchObject(temperature);
});

test('every broken rule is named at once, by the path of its key', () => {
  expect(
    broken({
      iterations: 0,
      sampling: { temperature: 0, nucleus: 1 },
      training: { learning_rate: 'high', lora: { alpha: 1 } },
      schedule: [{ from_iteration: 1, samples_per_problem: 1 }],
    }),
  ).toEqual({
    'spec.settings.iterations': 'must be at least 1, but is 0',
    'spec.settings.sampling.temperature': 'must be at least 0.001, but is 0',
    'spec.settings.sampling.nucleus': 'is no setting',
    'spec.settings.training.learning_rate': 'must be a number, but is "high"',
    'spec.settings.training.lora.rank': 'must be set',
    'spec.settings.schedule[0].samples_per_problem': 'must be at least 2, but is 1',
  });
});

test('rules between settings name the key that should change', () => {
  expect(broken({ samples_per_problem: 4, pairs: { per_problem: 5 } })).toEqual({
    'spec.settings.pairs.per_problem': '4 samples of a problem make at most 4 pairs, but 5 are asked for',
  });
  expect(broken({ select: { metric: 'majority' } })).toHaveProperty(['spec.settings.select.metric']);
  expect(broken({ evaluation: { greedy: false } })).toHaveProperty(['spec.settings.evaluation']);
  expect(broken({ training: { preference: 'hinge', label_smoothing: 0.1 } })).toHaveProperty([
    'spec.settings.training.label_smoothing',
  ]);
  expect(broken({ iterations: 3, schedule: [{ from_iteration: 2 }, { from_iteration: 2 }] })).toHaveProperty([
    'spec.settings.schedule[1].from_iteration',
  ]);
});

test('a recipe that is not there is told with those that are', () => {
  expect(() => findRecipe('irpo2')).toThrow(/there are irpo, .*expert-iteration/);
});

test('every file of the folder is served, irpo first, and nothing lists it by hand', () => {
  const files = readdirSync(new URL('./recipes/', import.meta.url)).filter((file) => !file.endsWith('.test.ts'));
  expect(RECIPES.map(({ name }) => `${name}.ts`).sort()).toEqual(files.sort());
  expect(RECIPES[0]!.name).toBe('irpo');
});
