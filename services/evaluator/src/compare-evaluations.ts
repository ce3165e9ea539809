/** Comparing two evaluations problem by problem. */
import type { ArtifactStore } from '@hone/artifacts';
import {
  VerdictState,
  type CompareEvaluationsRequest,
  type CompareEvaluationsResponse,
  type ListOutcomesResponse,
  type Outcome,
  type PairedDifference,
} from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { majorityAtK, mcNemar, pairedDifference, seedFor } from '@hone/statistics';
import { openEvaluation } from './stored-evaluations.ts';

/** A problem's scores, 0 to 1; a measure is absent where it was not asked for, or where the scorer failed. */
type Scores = ReadonlyMap<string, number>;

const measured = (outcomes: readonly Outcome[]): Outcome[] =>
  outcomes.filter(({ state }) => state !== VerdictState.ERROR);

function scoresOf({ greedy, votes }: ListOutcomesResponse, k: number, seed: bigint): Scores {
  const scores = new Map<string, number>();
  if (greedy && greedy.state !== VerdictState.ERROR) scores.set('greedy', greedy.right ? 1 : 0);
  const judged = measured(votes);
  if (judged.length === 0 || k === 0) return scores;
  scores.set('pass@1', judged.filter(({ right }) => right).length / judged.length);
  if (judged.length < k) return scores;
  const ballot = judged.map(({ answer, right }) => ({ answer: answer === '' ? null : answer, right }));
  scores.set(`maj@${k}`, majorityAtK(ballot, k, { seed: seedFor('majority', seed, k) }).accuracy);
  return scores;
}

function difference(measure: string, pairs: readonly (readonly [Scores, Scores])[], seed: bigint): PairedDifference[] {
  const both = pairs.filter(([first, second]) => first.has(measure) && second.has(measure));
  if (both.length === 0) return [];
  const first = both.map(([scores]) => scores.get(measure)!);
  const second = both.map(([, scores]) => scores.get(measure)!);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const paired = pairedDifference(first, second, { seed: seedFor('bootstrap', seed, 'paired', measure) });
  const { difference: value, standardError, interval } = paired;
  return [
    {
      measure,
      problems: both.length,
      first: mean(first),
      second: mean(second),
      difference: value,
      standardError,
      ...interval,
    },
  ];
}

function mcNemarOf(pairs: readonly (readonly [Scores, Scores])[]): CompareEvaluationsResponse['mcnemar'] {
  const both = pairs.filter(([first, second]) => first.has('greedy') && second.has('greedy'));
  if (both.length === 0) return undefined;
  const only = (one: 0 | 1): number =>
    both.filter((scores) => scores[one].get('greedy') === 1 && scores[1 - one]!.get('greedy') === 0).length;
  return mcNemar(only(0), only(1));
}

/** The RPC that compares two evaluations. */
export function compareEvaluationsIn(store: ArtifactStore) {
  return async ({ first, second, seed }: CompareEvaluationsRequest): Promise<CompareEvaluationsResponse> => {
    const [one, other] = [await openEvaluation(store, first, 'first'), await openEvaluation(store, second, 'second')];
    const k = one.evaluation.majority?.k ?? 0;
    const scores = new Map<string, Scores>();
    for await (const row of other.outcomes) scores.set(row.problemId, scoresOf(row, k, seed));
    const pairs: (readonly [Scores, Scores])[] = [];
    for await (const row of one.outcomes) {
      const found = scores.get(row.problemId);
      if (found) pairs.push([scoresOf(row, k, seed), found]);
    }
    if (pairs.length === 0) throw invalidArgument('second', 'has no problem in common with the first');
    const measures = ['greedy', ...(k > 0 ? ['pass@1', `maj@${k}`] : [])];
    const differences = measures.flatMap((measure) => difference(measure, pairs, seed));
    return { differences, mcnemar: mcNemarOf(pairs) };
  };
}
