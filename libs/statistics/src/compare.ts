/** Two models on the same problems, by every measure that both have. */
import { invalidArgument } from '@hone/errors';
import { majorityAtK, type Vote } from './majority.ts';
import { meanOf } from './mean.ts';
import { mcNemar, pairedDifference, type McNemar, type PairedDifference } from './paired.ts';
import { seedFor } from './seed.ts';

/** What became of a problem; completions on which the scorer failed are left out. */
export interface ProblemOutcome {
  readonly id: string;
  /** Whether the greedy completion is right; undefined where it was not measured. */
  readonly greedy: boolean | undefined;
  /** The sampled completions; empty where there are none. */
  readonly votes: readonly Vote[];
}

/** second - first, over the problems that both models have: positive where the second is better. */
export interface MeasuredDifference extends PairedDifference {
  /** "greedy", "pass@1" or "maj@k". */
  readonly measure: string;
  readonly problems: number;
  readonly first: number;
  readonly second: number;
}

export interface Comparison {
  readonly differences: readonly MeasuredDifference[];
  /** On greedy completions; undefined unless both measured them. */
  readonly mcNemar: McNemar | undefined;
}

export interface CompareOptions {
  /** Votes of maj@k; 0 leaves votes out. */
  readonly k: number;
  readonly seed: bigint;
}

/** A problem's score by measure, each from 0 to 1. */
type Scores = ReadonlyMap<string, number>;

function scoresOf({ greedy, votes }: ProblemOutcome, { k, seed }: CompareOptions): Scores {
  const scores = new Map<string, number>();
  if (greedy !== undefined) scores.set('greedy', greedy ? 1 : 0);
  if (k === 0 || votes.length === 0) return scores;
  scores.set('pass@1', votes.filter(({ right }) => right).length / votes.length);
  if (votes.length >= k) scores.set(`maj@${k}`, majorityAtK(votes, k, { seed: seedFor('majority', seed, k) }).accuracy);
  return scores;
}

/** Compares problem by problem, those that both have. Differences are second - first. */
export function compareOutcomes(
  first: Iterable<ProblemOutcome>,
  second: Iterable<ProblemOutcome>,
  options: CompareOptions,
): Comparison {
  const others = new Map([...second].map((outcome) => [outcome.id, scoresOf(outcome, options)]));
  const pairs = [...first].flatMap((outcome) => {
    const other = others.get(outcome.id);
    return other ? [[scoresOf(outcome, options), other] as const] : [];
  });
  if (pairs.length === 0) throw invalidArgument('second', 'has no problem in common with the first');
  const both = (measure: string): [number, number][] =>
    pairs
      .filter((pair) => pair.every((scores) => scores.has(measure)))
      .map(([one, other]) => [one.get(measure)!, other.get(measure)!]);
  const differences = ['greedy', 'pass@1', `maj@${options.k}`].flatMap((measure): MeasuredDifference[] => {
    const scores = both(measure);
    if (scores.length === 0) return [];
    const [one, other] = [scores.map(([score]) => score), scores.map(([, score]) => score)];
    const paired = pairedDifference(other, one, { seed: seedFor('bootstrap', options.seed, 'paired', measure) });
    return [{ measure, problems: scores.length, first: meanOf(one), second: meanOf(other), ...paired }];
  });
  const greedy = both('greedy');
  const only = (won: number): number => greedy.filter(([one, other]) => one - other === won).length;
  return { differences, mcNemar: greedy.length === 0 ? undefined : mcNemar(only(1), only(-1)) };
}
