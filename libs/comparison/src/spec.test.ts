import { expect, test } from 'vitest';
import { namedInComparison, plannedRuns } from './run-documents.ts';
import { readComparison } from './spec.ts';

const GIVEN = {
  name: 'x',
  base: { benchmark: 'arithmetic', training: { epochs: 3, batch_size: 8 }, iterations: 2 },
  methods: { a: { recipe: 'irpo', training: { nll_alpha: 5 } }, b: { recipe: 'dpo', iterations: null } },
  seeds: [1, 2],
};
const read = (change: object) => readComparison({ ...GIVEN, ...change }, 'compare.yaml');

test("each method and seed is a run with the method's keys on the base's", () => {
  const planned = plannedRuns(read({}));
  expect(planned.map(({ method, seed }) => `${method} ${seed}`)).toEqual(['a 1', 'b 1', 'a 2', 'b 2']);
  expect(planned[0]!.document).toEqual({
    ...{ name: 'x: a, seed 1', seed: 1, recipe: 'irpo', benchmark: 'arithmetic', iterations: 2 },
    training: { epochs: 3, batch_size: 8, nll_alpha: 5 },
  });
  expect(planned[3]!.document).toEqual({
    ...{ name: 'x: b, seed 2', seed: 2, recipe: 'dpo', benchmark: 'arithmetic' },
    training: { epochs: 3, batch_size: 8 },
  });
});

test('what is wrong in a comparison is named by its key', () => {
  expect(() => read({ method: {} })).toThrow(/^method: /);
  expect(() => read({ seeds: [1, 1] })).toThrow(/^seeds: must not have a seed twice/);
  expect(() => read({ methods: {} })).toThrow(/^methods: must have at least one method/);
  expect(() => read({ base: { seed: 3 } })).toThrow(/^base\.seed: must not be set/);
  expect(() => read({ methods: { a: { name: 'y' } } })).toThrow(/^methods\.a\.name: must not be set/);
  expect(() => read({ pairs: { of: 'c' } })).toThrow(/^pairs\.of: must be one of the methods \(a, b\), but is c/);
  expect(() => readComparison([], 'compare.yaml')).toThrow(/^compare\.yaml: /);
});

test('what is wrong in a finding is named by its key', () => {
  const finding = (given: object) => read({ findings: [{ kind: 'improves', method: 'a' }, given] });
  expect(() => finding({ kind: 'wins', method: 'a' })).toThrow(/findings\[1\]\.kind: .*improves/);
  expect(() => finding({ kind: 'beats', method: 'a' })).toThrow(/findings\[1\]\.over: /);
  expect(() => finding({ kind: 'beats', method: 'a', over: 'c' })).toThrow(
    /findings\[1\]\.over: must be one of the methods \(a, b\), but is c/,
  );
  expect(() => finding({ kind: 'beats', method: 'a', over: 'b', at: 'last' })).toThrow(
    /findings\[1\]\.at: must be the number of an iteration, or end/,
  );
  expect(() => finding({ kind: 'chosen_log_prob', method: 'a', moves: 'up' })).toThrow(/findings\[1\]\.moves: /);
  expect(() => finding({ kind: 'improves', method: 'a', over: 'b' })).toThrow(/findings\[1\]\.over/);
});

test("a run's broken rule is named where the comparison states it", () => {
  const comparison = read({});
  const named = (field: string) => namedInComparison({ field, description: 'must be less' }, 'a', comparison);
  expect(named('training.nll_alpha')).toEqual({ field: 'methods.a.training.nll_alpha', description: 'must be less' });
  expect(named('training.epochs')).toEqual({
    field: 'base.training.epochs',
    description: 'must be less (in method a)',
  });
  expect(named('test')).toEqual({ field: 'base.test', description: 'must be less (in method a)' });
});
