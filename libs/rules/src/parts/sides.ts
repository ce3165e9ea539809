/** Who may be chosen and who may be rejected of a problem's completions: what all pair rules share. */
import { LIMITS } from '@hone/limits';
import { Random, seedFor } from '@hone/statistics';
import { z } from 'zod';
import type { JudgedCompletion, JudgedProblem, Skipped } from '../rule.ts';

/** Settings of every rule that makes pairs of judged completions. */
export const sideKeys = {
  unscorable: z
    .enum(['loser', 'drop'])
    .default('loser')
    .describe('Completions that end without a readable answer: they may be rejected, or are dropped.'),
  truncated_lose: z
    .boolean()
    .default(false)
    .describe('Whether completions that were cut off may be rejected. They never win, even where an answer was found.'),
};

/** Most pairs of a problem. */
export const perProblem = (initial: number, description = 'Most pairs a problem.') =>
  z.int().min(1).max(LIMITS.pairsPerProblem).default(initial).describe(description);

export interface SideSettings {
  readonly unscorable: 'loser' | 'drop';
  readonly truncated_lose: boolean;
}

/** Why a completion is in no pair, whatever the rule. */
export const COMPLETION_REASONS = ['duplicates', 'truncated', 'unscorable', 'errors'] as const;
type Reason = (typeof COMPLETION_REASONS)[number];

/** A completion that may be in a pair. */
export interface Usable {
  /** Index into the problem's completions. */
  readonly position: number;
  readonly completion: JudgedCompletion;
  /** Whether it ended by itself with an answer that can be read. Others can only be rejected. */
  readonly mayWin: boolean;
  /** 0 to 1; 0 where no answer was read. */
  readonly score: number;
}

/** The same completion twice has the same tokens. Of a solution only the text is known. */
export const identityOf = ({ tokenIds, text }: JudgedCompletion): string =>
  tokenIds.length > 0 ? tokenIds.join() : `text ${text}`;

function fateOf({ state, score, truncated }: JudgedCompletion, options: SideSettings): 'any' | 'loser' | Reason {
  if (state === 'ERROR' || state === 'UNJUDGED') return 'errors';
  if (truncated || state === 'TRUNCATED') {
    const right = state === 'SCORED' && score >= 1;
    return options.truncated_lose && !right ? 'loser' : 'truncated';
  }
  if (state === 'UNSCORABLE') return options.unscorable === 'loser' ? 'loser' : 'unscorable';
  return 'any';
}

/** The distinct completions that may be in pairs, in their order, and how many others there are. */
export function usableOf({ completions }: JudgedProblem, options: SideSettings) {
  const dropped: Record<Reason, number> = { duplicates: 0, truncated: 0, unscorable: 0, errors: 0 };
  const usable: Usable[] = [];
  const seen = new Set<string>();
  completions.forEach((completion, position) => {
    const fate = fateOf(completion, options);
    if (fate !== 'any' && fate !== 'loser') return void (dropped[fate] += 1);
    const identity = identityOf(completion);
    if (seen.has(identity)) return void (dropped.duplicates += 1);
    seen.add(identity);
    const score = completion.state === 'SCORED' ? completion.score : 0;
    usable.push({ position, completion, mayWin: fate === 'any', score });
  });
  return { usable, dropped };
}

/** Whether a completion wins where only right and wrong are told apart. */
export const isWinner = ({ mayWin, score }: Usable): boolean => mayWin && score >= 1;

/** Right completions and all others, each in an order of the seed. */
export function sidesOf(problem: JudgedProblem, options: SideSettings, seed: bigint) {
  const { usable, dropped } = usableOf(problem, options);
  const random = new Random(seedFor(seed, problem.id));
  const winners = random.shuffle(usable.filter(isWinner));
  const losers = random.shuffle(usable.filter((completion) => !isWinner(completion)));
  return { winners, losers, dropped, random };
}

/** Why there is no pair. Both sides with nothing but ties between them leave nothing usable. */
export function whySkipped(winners: number, losers: number): Skipped {
  if (winners > 0 && losers === 0) return 'all right';
  return winners === 0 && losers > 0 ? 'all wrong' : 'empty';
}
