/** Every rule that chooses among right and wrong completions, against a naive definition of it on problems at random. */
import { Random, seedFor } from '@hone/statistics';
import { expect, test } from 'vitest';
import type { Rule } from '../index.ts';
import {
  BINARY,
  casesOf,
  combinations,
  GRADED,
  naiveSides,
  naiveUsable,
  sorted,
  type Case,
  type Naive,
} from '../testing/random-problems.ts';
import { bestWorst } from './best-worst.ts';
import { cycle } from './cycle.ts';
import { distinctWrong } from './distinct-wrong.ts';
import { hardestNegatives } from './hardest-negatives.ts';
import { margin } from './margin.ts';
import { maxMin } from './max-min.ts';
import { nearestLength } from './nearest-length.ts';
import { randomPairs } from './random-pairs.ts';

const asRule = (rule: unknown): Rule => rule as Rule;
const key = ({ chosen, rejected }: Case['pairs'][number]): string => `${chosen}/${rejected}`;
const at = ({ problem }: Case, position: number) => problem.completions[position]!;
const CHOOSING = [cycle, randomPairs, nearestLength, distinctWrong, hardestNegatives].map(asRule);
const SCORING = [bestWorst, maxMin, margin].map(asRule);

test.each(CHOOSING.map((rule) => [rule.name, rule] as const))(
  '%s: every pair is a right over another completion, once, of different texts, and there are as many as can be',
  (_, rule) => {
    for (const one of casesOf(rule, BINARY)) {
      const { winners, losers } = naiveSides(one.problem, one.settings);
      const known = losers.filter((loser) => rule !== asRule(hardestNegatives) || loser.logProb !== undefined);
      const all = new Set(combinations(winners, known).map(([w, l]) => `${w.position}/${l.position}`));
      const made = one.pairs.map(key);
      expect(new Set(made).size).toBe(made.length);
      for (const pair of made) expect(all).toContain(pair);
      expect(made).toHaveLength(Math.min(all.size, one.settings.per_problem));
    }
  },
);

test.each([...CHOOSING, ...SCORING].map((rule) => [rule.name, rule] as const))(
  '%s: the same seed gives the same, and a problem that gives nothing says why',
  (_, rule) => {
    const again = casesOf(rule, GRADED);
    for (const [index, one] of casesOf(rule, GRADED).entries()) {
      expect(one.outcome).toEqual(again[index]!.outcome);
      expect(one.outcome.skipped === undefined).toBe(one.pairs.length > 0);
      if (one.pairs.length > 0) continue;
      const { winners, losers } = naiveSides(one.problem, one.settings);
      const sides = [winners.length > 0, losers.length > 0].join();
      expect(one.outcome.skipped).toBe({ 'true,false': 'all right', 'false,true': 'all wrong' }[sides] ?? 'empty');
    }
  },
);

test.each([...CHOOSING, ...SCORING].map((rule) => [rule.name, rule] as const))(
  '%s: what is left out is counted by its reason',
  (_, rule) => {
    for (const { problem, settings, outcome } of casesOf(rule, BINARY)) {
      const { duplicates = 0, truncated = 0, unscorable = 0, errors = 0 } = outcome.dropped;
      const left = naiveUsable(problem, settings).length;
      expect(duplicates + truncated + unscorable + errors + left).toBe(problem.completions.length);
      expect(errors).toBe(problem.completions.filter(({ state }) => state === 'ERROR').length);
    }
  },
);

/** Pairs as cycling over two orders makes them, each turn looked for anew. */
function naiveCycle(winners: readonly Naive[], losers: readonly Naive[], most: number): string[] {
  const made: string[] = [];
  const seen = new Set<string>();
  let shift = 0;
  for (let turn = 0; seen.size < winners.length * losers.length && made.length < most; turn++) {
    const winner = winners[turn % winners.length]!;
    let loser = losers[(turn + shift) % losers.length]!;
    if (seen.has(`${winner.position}/${loser.position}`)) {
      shift += 1;
      loser = losers[(turn + shift) % losers.length]!;
    }
    seen.add(`${winner.position}/${loser.position}`);
    if (winner.text !== loser.text) made.push(`${winner.position}/${loser.position}`);
  }
  return made;
}

test('cycle goes over both sides in the orders of the seed, the losers shifted where a combination would come again', () => {
  const random = new Random(3n);
  for (const { problem, settings } of casesOf(asRule(cycle), BINARY)) {
    const seed = BigInt(random.bits());
    const { winners, losers } = naiveSides(problem, settings);
    const drawing = new Random(seedFor(seed, problem.id));
    const [first, second] = [drawing.shuffle([...winners]), drawing.shuffle([...losers])];
    const { pairs } = cycle.apply(problem, settings, seed);
    expect(pairs!.map((pair) => key(pair as Case['pairs'][number]))).toEqual(
      naiveCycle(first, second, settings.per_problem),
    );
  }
});

test('best-worst: the i-th highest score over the i-th lowest, while it is higher', () => {
  for (const one of casesOf(asRule(bestWorst), GRADED)) {
    const usable = naiveUsable(one.problem, one.settings);
    const best = sorted(usable.filter(({ mayWin }) => mayWin).map(({ value }) => value)).reverse();
    const worst = sorted(usable.map(({ value }) => value));
    const due = best.map((value, rank) => [value, worst[rank]!]).filter(([high, low]) => high! > low!);
    const made = one.pairs.map(({ chosen, rejected }) => [at(one, chosen).score, scoreOf(one, rejected)]);
    const ties = one.outcome.dropped['ties']!;
    expect(made.length).toBeLessThanOrEqual(one.settings.per_problem);
    // A tie in texts takes the place of a pair.
    if (ties === 0) expect(made).toEqual(due.slice(0, one.settings.per_problem));
    for (const [high, low] of made) expect(due).toContainEqual([high, low]);
  }
});

const scoreOf = (one: Case, position: number): number =>
  at(one, position).state === 'SCORED' ? at(one, position).score : 0;

test('max-min: the first pair has the highest and the lowest score less the penalty, and the better score wins', () => {
  const penalties = (random: Random) => ({ length_penalty: [0, 0.001, 0.1][Math.floor(random.uniform() * 3)]! });
  for (const one of casesOf(asRule(maxMin), GRADED, penalties)) {
    const penalty = one.settings['length_penalty'] as number;
    const usable = naiveUsable(one.problem, one.settings);
    const worth = ({ value, tokenIds }: Naive): number => value - penalty * tokenIds.length;
    const worthAt = (position: number): number => worth(usable.find((it) => it.position === position)!);
    for (const { chosen, rejected } of one.pairs) expect(scoreOf(one, chosen)).toBeGreaterThan(scoreOf(one, rejected));
    const best = sorted(usable.filter(({ mayWin }) => mayWin).map(worth)).reverse();
    const worst = sorted(usable.map(worth));
    for (const { chosen, rejected } of one.pairs) {
      const rank = best.findIndex((value, index) => value === worthAt(chosen) && worst[index] === worthAt(rejected));
      expect(rank).toBeGreaterThanOrEqual(0);
    }
  }
});

test('max-min without a penalty is best-worst', () => {
  const plain = casesOf(asRule(bestWorst), GRADED);
  for (const [index, one] of casesOf(asRule(maxMin), GRADED, () => ({ length_penalty: 0 })).entries())
    expect(one.pairs).toEqual(plain[index]!.pairs);
});

test('margin: every pair differs by the margin, once, and there are as many as can be', () => {
  const least = (random: Random) => ({ least: [0.05, 0.2, 0.5, 1][Math.floor(random.uniform() * 4)]! });
  for (const one of casesOf(asRule(margin), GRADED, least)) {
    const usable = naiveUsable(one.problem, one.settings);
    const winners = usable.filter(({ mayWin }) => mayWin);
    const far = combinations(winners, usable).filter(
      ([w, l]) => w.value - l.value >= (one.settings['least'] as number),
    );
    const all = new Set(far.map(([w, l]) => `${w.position}/${l.position}`));
    const made = one.pairs.map(key);
    for (const pair of made) expect(all).toContain(pair);
    expect(new Set(made).size).toBe(Math.min(all.size, one.settings.per_problem));
    expect(made).toHaveLength(new Set(made).size);
  }
});

test('random-pairs draws every combination about as often as any other', () => {
  const completion = (token: number, score: number) => ({
    ...{
      tokenIds: Int32Array.of(token),
      text: `${token}`,
      state: 'SCORED' as const,
      score,
      answer: '',
      truncated: false,
    },
  });
  const completions = [1, 1, 1, 0, 0, 0, 0].map((score, token) => completion(token, score));
  const problem = { id: 'p', promptTokenIds: Int32Array.of(1), gold: '', solution: '', completions };
  const settings = { per_problem: 2, unscorable: 'loser' as const, truncated_lose: false };
  const counts = new Map<string, number>();
  for (let seed = 0n; seed < 6000n; seed++)
    for (const { chosen, rejected } of randomPairs.apply(problem, settings, seed).pairs!)
      counts.set(`${chosen}/${rejected}`, (counts.get(`${chosen}/${rejected}`) ?? 0) + 1);
  expect(counts.size).toBe(12);
  // 6000 draws of 2 in 12: each 1000, with a standard deviation of 29.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test('nearest-length: in rounds, each winner takes the nearest loser that it is not yet chosen over', () => {
  for (const one of casesOf(asRule(nearestLength), BINARY)) {
    const { winners, losers } = naiveSides(one.problem, one.settings);
    const distance = (w: number, l: number): number =>
      Math.abs(at(one, w).tokenIds.length - at(one, l).tokenIds.length);
    const taken = new Map(winners.map(({ position }) => [position, [] as number[]]));
    for (const { chosen, rejected } of one.pairs) taken.get(chosen)!.push(distance(chosen, rejected));
    const turns = [...taken.values()].map(({ length }) => length);
    for (const [position, distances] of taken) {
      const due = sorted(losers.map((loser) => distance(position, loser.position)));
      if (one.outcome.dropped['ties'] === 0) expect(distances).toEqual(due.slice(0, distances.length));
      expect(distances).toEqual(sorted(distances));
    }
    if (one.outcome.dropped['ties'] === 0 && turns.length > 0)
      expect(Math.max(...turns) - Math.min(...turns)).toBeLessThanOrEqual(1);
  }
});

/** Places of losers in the order in which they are first rejected. */
const inOrder = ({ pairs }: Case): number[] => [...new Set(pairs.map(({ rejected }) => rejected))];

test('distinct-wrong: no wrong answer comes again before every other one has come', () => {
  for (const one of casesOf(asRule(distinctWrong), BINARY)) {
    const { winners, losers } = naiveSides(one.problem, one.settings);
    if (winners.length === 0 || one.outcome.dropped['ties']! > 0) continue;
    const answers = inOrder(one).map((position) => at(one, position).answer);
    const distinct = new Set(losers.map(({ answer }) => answer)).size;
    const first = answers.slice(0, distinct);
    expect(new Set(first).size).toBe(first.length);
  }
});

test('hardest-negatives: losers are rejected by falling log-prob, of all tokens or of one', () => {
  const by = (random: Random) => ({ log_prob: random.uniform() < 0.5 ? 'sum' : 'per_token' });
  for (const one of casesOf(asRule(hardestNegatives), BINARY, by)) {
    const { winners, losers } = naiveSides(one.problem, one.settings);
    if (winners.length === 0 || one.outcome.dropped['ties']! > 0) continue;
    const likelihood = ({ logProb, tokenIds }: Pick<Naive, 'logProb' | 'tokenIds'>): number =>
      one.settings['log_prob'] === 'sum' ? logProb! : logProb! / tokenIds.length;
    const known = losers.filter(({ logProb }) => logProb !== undefined);
    const due = sorted(known.map(likelihood)).reverse();
    const made = inOrder(one).map((position) => likelihood(at(one, position)));
    expect(made).toEqual(due.slice(0, made.length));
    expect(one.outcome.dropped['without_log_probs']).toBe(losers.length - known.length);
  }
});
