/**
 * The paper's rule (arXiv 2404.19733, section 2): pairs are formed by going over winners and losers at the same time, starting
 * a side over when it is exhausted, until there are K. Where the cycles meet a combination again, the losers are shifted by
 * one, so that no pair occurs twice; two completions of the same text make no pair.
 */
import { LIMITS } from '@hone/limits';
import { Random, seedFor } from '@hone/statistics';
import { z } from 'zod';
import { defineRule, type JudgedCompletion, type JudgedProblem, type Pair, type Skipped } from '../rule.ts';

const settings = z.strictObject({
  per_problem: z.int().min(1).max(LIMITS.pairsPerProblem).default(10).describe("Most pairs a problem: the paper's K."),
  unscorable: z
    .enum(['loser', 'drop'])
    .default('loser')
    .describe('Completions that end without a readable answer: they may be rejected, or are dropped.'),
  truncated_lose: z
    .boolean()
    .default(false)
    .describe('Whether completions that were cut off may be rejected. They never win, even where an answer was found.'),
});
type Settings = z.output<typeof settings>;

type Reason = 'duplicates' | 'truncated' | 'unscorable' | 'errors' | 'ties';
type Side = 'winner' | 'loser' | Reason;

function sideOf({ state, score, truncated }: JudgedCompletion, options: Settings): Side {
  if (state === 'ERROR') return 'errors';
  if (truncated || state === 'TRUNCATED') {
    const right = state === 'SCORED' && score >= 1;
    return options.truncated_lose && !right ? 'loser' : 'truncated';
  }
  if (state === 'UNSCORABLE') return options.unscorable === 'loser' ? 'loser' : 'unscorable';
  return score >= 1 ? 'winner' : 'loser';
}

/** The sides of a problem's distinct completions, each in a seeded order. */
function divide({ id, completions }: JudgedProblem, options: Settings, seed: bigint) {
  const dropped: Record<Reason, number> = { duplicates: 0, truncated: 0, unscorable: 0, errors: 0, ties: 0 };
  const sides = { winner: [] as number[], loser: [] as number[] };
  const seen = new Set<string>();
  completions.forEach((completion, index) => {
    const side = sideOf(completion, options);
    const key = completion.tokenIds.join();
    if (side !== 'winner' && side !== 'loser') dropped[side] += 1;
    else if (seen.has(key)) dropped.duplicates += 1;
    else sides[side].push(index);
    if (side === 'winner' || side === 'loser') seen.add(key);
  });
  const random = new Random(seedFor(seed, id));
  return { dropped, winners: random.shuffle(sides.winner), losers: random.shuffle(sides.loser) };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Why there is no pair. Both sides with nothing but ties between them leave nothing usable. */
function whySkipped(winners: number, losers: number): Skipped {
  if (winners > 0 && losers === 0) return 'all right';
  return winners === 0 && losers > 0 ? 'all wrong' : 'empty';
}

export const cycle = defineRule({
  name: 'cycle',
  version: 1,
  summary: 'Right completions over wrong ones, both gone over in a seeded order until there are K pairs of a problem.',
  source: 'Iterative Reasoning Preference Optimization, arXiv 2404.19733, section 2',
  produces: 'pairs',
  needs: { verdicts: true, solutions: false },
  settings,
  apply(problem, options, seed) {
    const { dropped, winners, losers } = divide(problem, options, seed);
    const pairs: Pair[] = [];
    const combinations = winners.length * losers.length;
    const period = combinations === 0 ? 0 : combinations / greatestCommonDivisor(winners.length, losers.length);
    for (let turn = 0; turn < combinations && pairs.length < options.per_problem; turn++) {
      const shift = Math.floor(turn / period);
      const chosen = winners[turn % winners.length]!;
      const rejected = losers[(turn + shift) % losers.length]!;
      if (problem.completions[chosen]!.text === problem.completions[rejected]!.text) dropped.ties += 1;
      else pairs.push({ chosen, rejected });
    }
    if (pairs.length > 0) return { pairs, dropped };
    return { pairs, dropped, skipped: whySkipped(winners.length, losers.length) };
  },
});
