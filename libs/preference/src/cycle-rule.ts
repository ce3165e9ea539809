import { invalidArgument } from '@hone/errors';
import { Random, seedFor } from '@hone/statistics';

/** Name and version of the rule; the version changes whenever it may give other pairs. */
export const CYCLE_RULE = 'cycle/1';

/** What the rule must know of a completion. */
export interface JudgedCompletion {
  /** Tokens of the completion; equal ones are the same completion. */
  readonly tokenIds: Int32Array;
  readonly text: string;
  readonly state: 'SCORED' | 'UNSCORABLE' | 'TRUNCATED' | 'ERROR';
  /** 1 is right; meaningful only where SCORED. */
  readonly score: number;
  /** Whether it was cut off; such a completion never wins, even where an answer was found in it. */
  readonly truncated: boolean;
}

export interface PairOptions {
  /** Most pairs a problem: the paper's K. */
  readonly pairsPerProblem: number;
  /** Completions that end without a readable answer: they may be rejected, or are dropped. */
  readonly unscorable: 'loser' | 'drop';
  /** Whether completions that were cut off may be rejected. */
  readonly truncatedLose: boolean;
  readonly seed: bigint;
}

/** A preference; both are indices into the problem's completions. */
export interface Pair {
  readonly chosen: number;
  readonly rejected: number;
}

/** Why completions and pairs were left out. */
export interface Dropped {
  duplicates: number;
  truncated: number;
  unscorable: number;
  errors: number;
  ties: number;
}

/** What the rule makes of a problem. */
export interface ProblemPairs {
  readonly pairs: readonly Pair[];
  readonly dropped: Readonly<Dropped>;
  /** Distinct completions that could win, and that could lose. */
  readonly winners: number;
  readonly losers: number;
}

/** Checks options once; the fields are those of hone.pairbuilder.v1.PairConfig. */
export function validatePairOptions({ pairsPerProblem }: PairOptions): void {
  if (!Number.isInteger(pairsPerProblem) || pairsPerProblem < 1) {
    throw invalidArgument('config.pairs_per_problem', `must be at least 1, but is ${pairsPerProblem}`);
  }
}

type Side = 'winner' | 'loser' | keyof Dropped;

function sideOf({ state, score, truncated }: JudgedCompletion, options: PairOptions): Side {
  if (state === 'ERROR') return 'errors';
  if (truncated || state === 'TRUNCATED') {
    const right = state === 'SCORED' && score >= 1;
    return options.truncatedLose && !right ? 'loser' : 'truncated';
  }
  if (state === 'UNSCORABLE') return options.unscorable === 'loser' ? 'loser' : 'unscorable';
  return score >= 1 ? 'winner' : 'loser';
}

/** The sides of a problem's distinct completions, each in a seeded order. */
function divide(problemId: string, completions: readonly JudgedCompletion[], options: PairOptions) {
  const dropped: Dropped = { duplicates: 0, truncated: 0, unscorable: 0, errors: 0, ties: 0 };
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
  const random = new Random(seedFor(options.seed, problemId));
  return { dropped, winners: random.shuffle(sides.winner), losers: random.shuffle(sides.loser) };
}

/**
 * The paper's rule (arXiv 2404.19733, section 2): pairs are formed by going over winners and losers at the same time, starting
 * a side over when it is exhausted, until there are K. Where the cycles meet a combination again, the losers are shifted by
 * one, so that no pair occurs twice; two completions of the same text make no pair.
 */
export function cyclePairs(
  problemId: string,
  completions: readonly JudgedCompletion[],
  options: PairOptions,
): ProblemPairs {
  const { dropped, winners, losers } = divide(problemId, completions, options);
  const pairs: Pair[] = [];
  const combinations = winners.length * losers.length;
  const period = combinations === 0 ? 0 : combinations / greatestCommonDivisor(winners.length, losers.length);
  for (let turn = 0; turn < combinations && pairs.length < options.pairsPerProblem; turn++) {
    const shift = Math.floor(turn / period);
    const chosen = winners[turn % winners.length]!;
    const rejected = losers[(turn + shift) % losers.length]!;
    if (completions[chosen]!.text === completions[rejected]!.text) dropped.ties += 1;
    else pairs.push({ chosen, rejected });
  }
  return { pairs, dropped, winners: winners.length, losers: losers.length };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
