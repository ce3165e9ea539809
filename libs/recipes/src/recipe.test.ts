import { readdirSync } from 'node:fs';
import { HoneError } from '@hone/errors';
import { describe, expect, test } from 'vitest';
import { findRecipe, presetViolations, RECIPES, schemaOf, settingsOf, withPreset } from './index.ts';

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

  test('its presets are settings, each by a name of its own, and one is for the task that comes with Hone', () => {
    const names = recipe.presets!.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('arithmetic');
    for (const name of names)
      expect(settingsOf(recipe, withPreset(recipe, name, {}), name)).toMatchObject(withPreset(recipe, name, {}));
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

test("the paper's settings are those of its section 3", () => {
  const of = (name: string) => settingsOf(irpo, withPreset(irpo, name, {}), name);
  const training = { learning_rate: 7e-7, batch_size: 16, beta: 0.1, nll_alpha: 1, max_steps: 5000 };
  expect(of('irpo-gsm8k-70b')).toMatchObject({
    ...{ iterations: 4, samples_per_problem: 30, training },
    pairs: { stages: [{ rule: 'gold-chains' }, { rule: 'cycle', per_problem: 10 }], most_in_all: 60_000 },
    schedule: [{ from_iteration: 3, temperature: 1.3 }],
  });
  expect(of('irpo-math-70b')).toMatchObject({
    ...{ iterations: 3, samples_per_problem: 20, training, pairs: { per_problem: 15 } },
    schedule: [{ from_iteration: 3, temperature: 1 }],
  });
  expect(of('irpo-arc-70b')).toMatchObject({
    ...{ iterations: 3, samples_per_problem: 30, training: { ...training, max_steps: 4000 } },
    ...{ pairs: { per_problem: 20 }, schedule: [{ from_iteration: 3, temperature: 1.3 }] },
  });
});

test('what is stated stands over a preset, key by key of mappings; lists stand as a whole', () => {
  const stated = { iterations: 2, training: { beta: 0.5 }, schedule: [] };
  expect(withPreset(irpo, 'irpo-math-70b', stated)).toMatchObject({
    ...{ iterations: 2, samples_per_problem: 20, schedule: [], training: { beta: 0.5, learning_rate: 7e-7 } },
  });
  expect(withPreset(irpo, '', stated)).toEqual(stated);
});

test('a preset that the recipe has not is told with those that it has', () => {
  const [violation] = presetViolations(irpo, 'dpo-math-70b');
  expect(violation).toMatchObject({
    field: 'preset',
    description: expect.stringMatching(/irpo.*irpo-math-70b.*arith/),
  });
  expect(presetViolations({ name: 'mine' }, 'small')[0]!.description).toMatch(/it has none/);
  expect(presetViolations(irpo, '')).toEqual([]);
});
