/** Filters, cuts, and rules in an order, against naive definitions on problems at random. */
import { readSettings, schemaOf, violationsOf } from '@hone/settings';
import { Random } from '@hone/statistics';
import { expect, test } from 'vitest';
import { combine } from './combine.ts';
import { findRule, type JudgedProblem, type Outcome } from './index.ts';
import { BINARY, casesOf, GRADED, randomProblem } from './testing/random-problems.ts';
import { cap } from './rules/cap.ts';
import { goldChains } from './rules/gold-chains.ts';
import { nearDuplicates } from './rules/near-duplicates.ts';
import { spin } from './rules/spin.ts';

const problems = (kinds = BINARY, count = 100): JudgedProblem[] => {
  const random = new Random(11n);
  return Array.from({ length: count }, () => randomProblem(random, kinds));
};
const keysOf = ({ pairs }: Outcome): string[] => pairs!.map(({ chosen, rejected }) => `${chosen}/${rejected}`);
const combined = (problem: JudgedProblem, stages: object[], seed = 5n): Outcome =>
  combine.apply(problem, readSettings(combine.settings, { stages }, 'settings'), seed);
const alone = (problem: JudgedProblem, name: string, given: object = {}, seed = 5n): Outcome => {
  const rule = findRule(name)!;
  return rule.apply(problem, readSettings(rule.settings, given, 'settings'), seed);
};

test('one stage makes what its rule makes alone, and each pair says which', () => {
  for (const problem of problems()) {
    const { pairs, dropped, skipped } = alone(problem, 'cycle', { per_problem: 4 });
    const made = combined(problem, [{ rule: 'cycle', per_problem: 4 }]);
    expect(made.pairs).toEqual(pairs!.map((pair) => ({ ...pair, rule: 'cycle' })));
    expect(made.skipped).toBe(skipped);
    expect(made.dropped).toMatchObject(dropped);
  }
});

test('pair rules add up in their order, each pair once', () => {
  for (const problem of problems()) {
    const first = keysOf(alone(problem, 'hardest-negatives', { per_problem: 2 }));
    const second = keysOf(alone(problem, 'random-pairs', { per_problem: 3 }));
    const made = combined(problem, [
      { rule: 'hardest-negatives', per_problem: 2 },
      { rule: 'random-pairs', per_problem: 3 },
    ]);
    expect(keysOf(made)).toEqual([...new Set([...first, ...second])]);
    expect(made.dropped['repeated']).toBe(second.filter((pair) => first.includes(pair)).length);
    const names = made.pairs!.map(({ rule }) => rule);
    expect(names).toEqual([...first.map(() => 'hardest-negatives'), ...names.slice(first.length)]);
  }
});

test('a completion that every stage leaves out is counted once', () => {
  for (const problem of problems()) {
    const { truncated, errors } = alone(problem, 'cycle').dropped;
    const made = combined(problem, [{ rule: 'cycle' }, { rule: 'random-pairs' }]);
    expect(made.dropped).toMatchObject({ truncated, errors });
  }
});

test('a filter stands before a pair rule as if what it leaves were all there is', () => {
  for (const problem of problems()) {
    const settings = { threshold: 0.5, n: 2 };
    const { completions } = nearDuplicates.filter!(problem, settings);
    const positions = completions.map((completion) => problem.completions.indexOf(completion));
    const { pairs } = alone({ ...problem, completions }, 'cycle');
    const due = pairs!.map(({ chosen, rejected }) => `${positions[chosen as number]}/${positions[rejected]}`);
    expect(keysOf(combined(problem, [{ rule: 'near-duplicates', ...settings }, { rule: 'cycle' }]))).toEqual(due);
    expect(keysOf(nearDuplicates.apply(problem, settings, 5n))).toEqual(due);
  }
});

test('near-duplicates: of completions of one verdict, what is left is pairwise unlike, and what is not is like one that is left before it', () => {
  const grams = (ids: Int32Array, n: number): string[] => {
    const all = [...ids].map((_, begin) => [...ids].slice(begin, begin + n)).filter(({ length }) => length === n);
    return [...new Set((all.length > 0 ? all : [[...ids]]).map(String))];
  };
  for (const [index, problem] of problems(GRADED).entries()) {
    const [threshold, n] = [[0.2, 0.5, 0.8, 1][index % 4]!, 1 + (index % 3)];
    const { completions: kept } = nearDuplicates.filter!(problem, { threshold, n });
    const isAlike = (one: (typeof kept)[number], other: typeof one): boolean => {
      const [a, b] = [grams(one.tokenIds, n), grams(other.tokenIds, n)];
      const shared = a.filter((gram) => b.includes(gram)).length;
      const same = one.state === other.state && one.score === other.score && one.truncated === other.truncated;
      return same && shared / new Set([...a, ...b]).size >= threshold;
    };
    for (const [position, completion] of problem.completions.entries()) {
      const before = kept.filter((other) => problem.completions.indexOf(other) < position);
      expect(kept.includes(completion)).toBe(!before.some((other) => isAlike(completion, other)));
    }
  }
});

test('gold-chains: the solution is one more right completion, also where no sample is right', () => {
  for (const problem of problems()) {
    const { pairs } = alone({ ...problem, completions: [...problem.completions] }, 'gold-chains');
    const chosen = new Set(pairs!.map((pair) => pair.chosen));
    const plain = alone(problem, 'cycle');
    if (problem.solution === '') expect(keysOf({ pairs: pairs!, dropped: {} })).toEqual(keysOf(plain));
    else if (plain.skipped === 'all wrong') expect(chosen).toEqual(new Set(['solution']));
    for (const { rejected } of pairs!) expect(problem.completions[rejected]!.score).toBeLessThan(1);
  }
  expect(goldChains.needs.solutions).toBe(true);
});

test('gold-chains before a cycle over all combinations choose the solution over every wrong completion', () => {
  for (const problem of problems().filter(({ solution }) => solution !== '')) {
    const { pairs } = combined(problem, [{ rule: 'gold-chains' }, { rule: 'cycle', per_problem: 1000 }]);
    const plain = alone(problem, 'cycle', { per_problem: 1000 });
    const own = pairs!.filter(({ chosen }) => chosen !== 'solution');
    expect(new Set(keysOf({ pairs: own, dropped: {} }))).toEqual(new Set(keysOf(plain)));
    const losers = new Set(pairs!.filter(({ chosen }) => chosen === 'solution').map(({ rejected }) => rejected));
    for (const { rejected } of plain.pairs!) expect(losers).toContain(rejected);
  }
});

test('cap: at most so many pairs of all stages, the first or some of them in their order', () => {
  const stages = [
    { rule: 'cycle', per_problem: 5 },
    { rule: 'random-pairs', per_problem: 5 },
  ];
  for (const problem of problems()) {
    const all = keysOf(combined(problem, stages));
    expect(keysOf(combined(problem, [...stages, { rule: 'cap', per_problem: 3 }]))).toEqual(all.slice(0, 3));
    const some = combined(problem, [...stages, { rule: 'cap', per_problem: 3, keep: 'random' }]);
    expect(all.filter((pair) => keysOf(some).includes(pair))).toEqual(keysOf(some));
    expect(keysOf(some)).toHaveLength(Math.min(3, all.length));
    expect(some.dropped['over_limit']).toBe(all.length - keysOf(some).length);
  }
  expect(cap.apply(problems()[0]!, { per_problem: 2, keep: 'first' }, 1n).pairs!.length).toBeLessThanOrEqual(2);
});

test('spin: the solution over distinct samples, whatever their verdicts', () => {
  const cases = casesOf(spin as never, BINARY);
  for (const { problem, settings, outcome } of cases) {
    const texts = problem.completions.map(({ tokenIds }) => [...tokenIds].join());
    const whole = problem.completions.flatMap(({ truncated }, position) =>
      truncated && !settings.truncated_lose ? [] : [position],
    );
    const distinct = new Set(whole.map((position) => texts[position]));
    const due = problem.solution === '' ? 0 : Math.min(settings.per_problem, distinct.size);
    expect(outcome.pairs).toHaveLength(due);
    for (const { chosen, rejected } of outcome.pairs!) {
      expect(chosen).toBe('solution');
      expect(whole).toContain(rejected);
    }
    expect(new Set(outcome.pairs!.map(({ rejected }) => texts[rejected])).size).toBe(due);
  }
  expect(spin.needs).toMatchObject({ verdicts: false, completions: true, solutions: true });
});

test('settings of stages have their own defaults, and what breaks a rule is named by its position', () => {
  const read = readSettings(
    combine.settings,
    { stages: [{ rule: 'near-duplicates' }, { rule: 'margin', least: 0.3 }] },
    'x',
  );
  expect(read.stages).toEqual([
    { rule: 'near-duplicates', threshold: 0.9, n: 3 },
    { rule: 'margin', per_problem: 10, least: 0.3, unscorable: 'loser', truncated_lose: false },
  ]);
  expect(readSettings(combine.settings, {}, 'x').stages).toMatchObject([{ rule: 'cycle', per_problem: 10 }]);
  const broken = (stages: unknown): string[] => violationsOf(combine.settings, { stages }).map(({ field }) => field);
  expect(broken([{ rule: 'cycle' }, { rule: 'near-duplicates', threshold: 2 }])).toEqual(['stages[1].threshold']);
  expect(broken([{ rule: 'cycle', k: 1 }, { rule: 'no-such' }])).toEqual(['stages[0].k', 'stages[1].rule']);
  expect(broken([{ rule: 'right-samples' }])).toEqual(['stages[0].rule']);
  expect(broken([{ rule: 'near-duplicates' }, { rule: 'cap' }])).toEqual(['stages']);
  expect(broken([])).toContain('stages');
  expect(JSON.stringify(schemaOf(combine.settings))).toContain('near-duplicates');
});

test('it needs solutions where a stage does', () => {
  const needs = (stages: object[]) => combine.needsWith!(readSettings(combine.settings, { stages }, 'x')).solutions;
  expect([needs([{ rule: 'cycle' }]), needs([{ rule: 'gold-chains' }, { rule: 'cycle' }])]).toEqual([false, true]);
});
