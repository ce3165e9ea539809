/**
 * Two checkpoints of each seed on the same test problems. A seed's problems are matched by their ids; the problems of all seeds are
 * pooled, so that a problem that stands in two seeds counts once for each. The test is McNemar's exact one on all problems that just one of the two
 * solves. It speaks of the models that were trained; how much another seed would change shows in the differences of the seeds.
 */
import { mcNemar, meanOf, pairedDifference, seedFor, type Interval, type McNemar } from '@hone/statistics';
import { atText, iterationAt, runsOf, type At, type MeasuredIteration, type MeasuredRun } from './measured.ts';
import { spreadOf, type Spread } from './spread.ts';

/** Enough for intervals of two digits. */
const RESAMPLES = 2_000;

/** A method at a place. */
export interface Side {
  readonly method: string;
  readonly at: At;
}

export const sideText = ({ method, at }: Side): string => `${method} ${atText(at)}`;

/** Accuracies are shares, 0 to 1; differences are first - second. */
export interface PairedTest {
  readonly first: Side;
  readonly second: Side;
  /** Seeds in which both were measured, with the difference of their greedy accuracies. */
  readonly seeds: readonly { readonly seed: number; readonly problems: number; readonly difference: number }[];
  /** Over seeds. */
  readonly difference: Spread;
  /** Of the mean over all problems of all seeds, by the percentile bootstrap over problems. */
  readonly interval: Interval;
  /** Problems of all seeds. */
  readonly problems: number;
  readonly mcNemar: McNemar;
}

type Score = (outcome: MeasuredIteration['outcomes'][number]) => number | undefined;

/** Scores of the problems that both have, in the order of the first. */
export function pairedScores(
  [first, second]: readonly [MeasuredIteration, MeasuredIteration],
  [scoreFirst, scoreSecond]: readonly [Score, Score],
): [number, number][] {
  const others = new Map(second.outcomes.map((outcome) => [outcome.id, scoreSecond(outcome)]));
  return first.outcomes.flatMap((outcome): [number, number][] => {
    const [mine, other] = [scoreFirst(outcome), others.get(outcome.id)];
    return mine === undefined || other === undefined ? [] : [[mine, other]];
  });
}

const isGreedyRight: Score = ({ greedy }) => (greedy === undefined ? undefined : Number(greedy));

/** The difference of means over pooled pairs, with its interval. */
export const pooledDifference = (pairs: readonly (readonly [number, number])[], what: string) =>
  pairedDifference(
    pairs.map(([first]) => first),
    pairs.map(([, second]) => second),
    { seed: seedFor('comparison', what), resamples: RESAMPLES },
  );

/** The test; undefined where no seed has both sides measured on the same problems. */
export function pairedTest(runs: readonly MeasuredRun[], first: Side, second: Side): PairedTest | undefined {
  const others = new Map(runsOf(runs, second.method).map((run) => [run.seed, iterationAt(run, second.at)]));
  const seeds = runsOf(runs, first.method).flatMap((run) => {
    const [mine, other] = [iterationAt(run, first.at), others.get(run.seed)];
    const pairs = mine && other ? pairedScores([mine, other], [isGreedyRight, isGreedyRight]) : [];
    return pairs.length === 0 ? [] : [{ seed: run.seed, pairs }];
  });
  if (seeds.length === 0) return undefined;
  const pooled = seeds.flatMap(({ pairs }) => pairs);
  const only = (won: number): number => pooled.filter(([mine, other]) => mine - other === won).length;
  const differences = seeds.map(({ seed, pairs }) => {
    return { seed, problems: pairs.length, difference: meanOf(pairs.map(([mine, other]) => mine - other)) };
  });
  return {
    ...{ first, second, seeds: differences, problems: pooled.length },
    difference: spreadOf(differences.map(({ difference }) => difference)),
    interval: pooledDifference(pooled, `${sideText(first)}, ${sideText(second)}`).interval,
    mcNemar: mcNemar(only(1), only(-1)),
  };
}
