/** Scorers: from a completion's text and the gold answer to a verdict. */
import { invalidArgument } from '@hone/errors';
import { choice } from './choice.ts';
import { exact } from './exact.ts';
import { gsm8k } from './gsm8k.ts';
import { math } from './math/index.ts';
import type { Scorer } from './verdict.ts';

export type { Choice, Extracted, Scorer, ScoreItem, Verdict } from './verdict.ts';

/** All scorers, by name. */
export const scorers: readonly Scorer[] = [choice, exact, gsm8k, math];

/** The scorer of that name; an unknown one is an error that lists those there are. */
export function getScorer(name: string): Scorer {
  const scorer = scorers.find((candidate) => candidate.name === name);
  if (scorer) return scorer;
  const known = scorers.map((candidate) => candidate.name).join(', ');
  throw invalidArgument('scorer', `there is no scorer "${name.slice(0, 80)}"; there are: ${known}`);
}
