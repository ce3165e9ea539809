import { LIMITS } from '@hone/limits';
import { describe, expect, test } from 'vitest';
import { findRecipe, RECIPES, settingsOf } from '../index.ts';
import { specViolations } from './check-spec.ts';
import { envelope, fileEnvelopeKeys, RESERVED_KEYS } from './envelope.ts';
import { viewOf } from './loop-view.ts';
import { rulesIn } from './rules-in.ts';
import { checkTokenLimits, withTokenLimits } from './token-limits.ts';

const irpo = findRecipe('irpo');
const set = (digit: string): string => `problemSets/${digit.repeat(64)}`;
const LEAST = { base_checkpoint: 'checkpoints/a', train_problem_set: set('a'), test_problem_set: set('b') };

const broken = (given: object, settings: object = {}): Record<string, string> =>
  Object.fromEntries(
    specViolations(irpo, { ...LEAST, ...given }, settings).map(({ field, description }) => [field, description]),
  );

describe('a spec', () => {
  test('is a base and two problem sets, and nothing else need be said', () => {
    expect(broken({})).toEqual({});
    expect(Object.keys(broken({ base_checkpoint: undefined, test_problem_set: undefined }))).toEqual([
      'base_checkpoint',
      'test_problem_set',
    ]);
  });

  test('is told of every broken rule at once: of the envelope, the settings, and between them', () => {
    const given = { benchmark: 'x'.repeat(201), policies: [{ kind: 'pair' }], budget: { tokens: -1 }, seed: 0.5 };
    const found = broken(
      { ...given, model: 'Big', problems_per_shards: 1 },
      { iterations: 0, evaluation: { greedy: 1 } },
    );
    expect(found).toEqual({
      benchmark: `must have at most ${LIMITS.nameChars} characters`,
      model: 'must be small letters, digits and hyphens, 63 at most',
      seed: 'must be a whole number, but is 0.5',
      'budget.tokens': 'must be at least 0, but is -1',
      'policies[0].kind':
        'must be one of sample, score, build, train, evaluate, select, publish, feedback, write, but is "pair"',
      problems_per_shards: 'is no setting (did you mean problems_per_shard?)',
      'settings.iterations': 'must be at least 1, but is 0',
      'settings.evaluation.greedy': 'must be true or false, but is 1',
    });
  });

  test('has a policy for a kind of steps once only', () => {
    const policies = [{ kind: 'train' }, { kind: 'sample' }, { kind: 'train' }];
    expect(broken({ policies })).toEqual({ 'policies[2].kind': expect.stringMatching(/once only/) });
  });

  test('has held-out problems where it measures on them, and others where it chooses by them', () => {
    const target = { warm_up: [{ dataset: `datasets/${'c'.repeat(64)}`, target_accuracy: 0.5 }] };
    for (const settings of [{ select: {} }, target])
      expect(broken({}, settings)).toEqual({ validation_problem_set: expect.stringMatching(/must be set where/) });
    expect(broken({ validation_problem_set: set('b') }, target)).toEqual({});
    const same = broken({ validation_problem_set: set('b') }, { select: {} });
    expect(same).toEqual({ validation_problem_set: expect.stringMatching(/must not be the test set/) });
    expect(broken({ validation_problem_set: set('c') }, { select: {} })).toEqual({});
  });

  test("has shards that fit into memory, also behind the schedule's changes", () => {
    expect(broken({ problems_per_shard: 10_000 }, { samples_per_problem: 100 })).toEqual({});
    const schedule = [{ from_iteration: 1, samples_per_problem: 101 }];
    const found = broken({ problems_per_shard: 10_000 }, { samples_per_problem: 100, schedule });
    expect(found).toEqual({ problems_per_shard: expect.stringMatching(/samples_per_problem \(101\)/) });
    const curriculum = { never_solved: { samples_per_problem: 102 } };
    expect(broken({ problems_per_shard: 10_000 }, { samples_per_problem: 100, curriculum })).toEqual({
      problems_per_shard: expect.stringMatching(/samples_per_problem \(102\)/),
    });
  });

  test('has a curriculum whose window has room for the looks that must agree', () => {
    expect(broken({}, { curriculum: { looks: 3, within: 2 } })).toEqual({
      'settings.curriculum.within': 'must be 0 or at least looks (3), but is 2',
    });
    for (const curriculum of [{ looks: 3, within: 3 }, { looks: 3 }, {}])
      expect(broken({}, { curriculum })).toEqual({});
  });
});

test('no setting of a recipe has the name of something else in a run file', () => {
  for (const { settings } of RECIPES)
    expect(Object.keys(settings.shape).filter((key) => RESERVED_KEYS.has(key))).toEqual([]);
});

test('every key of the envelope says what it is', () => {
  const keys = { ...envelope.shape, ...fileEnvelopeKeys };
  expect(Object.entries(keys).filter(([, schema]) => !schema.description)).toEqual([]);
});

describe('limits of tokens', () => {
  type Settings = { sampling: { max_tokens: number }; evaluation: { max_tokens: number } };
  const limits = (given: object, context?: number) => {
    const { sampling, evaluation } = withTokenLimits(settingsOf(irpo, given, 'settings'), context) as Settings;
    return [sampling.max_tokens, evaluation.max_tokens];
  };

  test('are 512, or half of the context, and those of sampling', () => {
    expect(limits({})).toEqual([512, 512]);
    expect(limits({}, 4096)).toEqual([512, 512]);
    expect(limits({}, 301)).toEqual([150, 150]);
    expect(limits({ sampling: { max_tokens: 7 } }, 301)).toEqual([7, 7]);
    expect(limits({ sampling: { max_tokens: 7 }, evaluation: { max_tokens: 9 } })).toEqual([7, 9]);
  });

  test('of what a model judges and writes are so too', () => {
    const selfRewarding = findRecipe('self-rewarding');
    const given = { new_prompts: { count: 1 }, judge: { max_tokens: 9 } };
    expect(withTokenLimits(settingsOf(selfRewarding, given, 'settings'), 301)).toMatchObject({
      ...{ judge: { max_tokens: 9 }, new_prompts: { max_tokens: 150 } },
    });
    expect(checkTokenLimits({ judge: { max_tokens: 100 } }, 100)).toMatchObject([{ field: 'judge.max_tokens' }]);
  });

  test('leave room for a prompt', () => {
    const given = { sampling: { max_tokens: 100 }, evaluation: { max_tokens: 99 } };
    expect(checkTokenLimits(given, 100)).toMatchObject([{ field: 'sampling.max_tokens' }]);
    expect(checkTokenLimits({}, 100)).toEqual([]);
  });
});

test('what a run needs is known of any recipe that has the keys, and nothing of one that has not', () => {
  const settings = { samples_per_problem: 4, problems_per_iteration: 9, schedule: [{ samples_per_problem: 6 }, {}] };
  expect(viewOf(settings)).toEqual({
    ...{ problemsPerIteration: 9, mostSamples: 6, selects: false, validates: false, datasets: [] },
  });
  expect(viewOf({ schedule: 'daily', samples_per_problem: 'x', warm_up: [1] })).toMatchObject({ mostSamples: 0 });
});

test('the dataset rules of settings are found wherever they stand', () => {
  const { pairs } = settingsOf(irpo, { pairs: { per_problem: 3 } }, 'settings') as { pairs: object };
  expect(rulesIn({ pairs, stages: [{}, { examples: pairs }] })).toEqual([
    { field: 'pairs', settings: { rule: 'cycle', makes: 'pairs', address: '', most_in_all: 0, per_problem: 3 } },
    { field: 'stages[1].examples', settings: pairs },
  ]);
});
