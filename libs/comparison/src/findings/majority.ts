import { majorityAtK, seedFor } from '@hone/statistics';
import { z } from 'zod';
import { atText, iterationAt, runsOf } from '../measured.ts';
import { pairedScores, pooledDifference } from '../paired-test.ts';
import { signedPoints } from '../report/numbers.ts';
import { defineFinding, notMeasured } from './finding.ts';
import { at, method } from './keys.ts';

/** maj@k of a problem is a probability where votes are even, so that the interval of the mean difference decides, not a count of wins. */
export const majorityBeatsGreedy = defineFinding({
  kind: 'majority_beats_greedy',
  settings: z.strictObject({ method, at }),
  claim: ({ method, at }) => `${method}: majority voting beats greedy decoding ${atText(at)}`,
  methods: ({ method }) => ({ method }),
  check({ method, at }, { runs }) {
    const seeds = runsOf(runs, method).flatMap((run) => {
      const found = iterationAt(run, at);
      const k = found?.majority?.k ?? 0;
      if (!found || k === 0) return [];
      const pairs = pairedScores(
        [found, found],
        [
          ({ votes }) =>
            votes.length < k
              ? undefined
              : majorityAtK(votes, k, { seed: seedFor('comparison', 'majority', k) }).accuracy,
          ({ greedy }) => (greedy === undefined ? undefined : Number(greedy)),
        ],
      );
      return pairs.length === 0 ? [] : [{ seed: run.seed, k, pairs }];
    });
    if (seeds.length === 0) return notMeasured(`both greedy decoding and votes of ${method} ${atText(at)}`);
    const pooled = seeds.flatMap(({ pairs }) => pairs);
    const { difference, interval } = pooledDifference(pooled, `majority of ${method} ${atText(at)}`);
    const ends: readonly [number, number] = [interval.lower, interval.upper];
    const k = seeds[0]!.k;
    return {
      holds: interval.lower > 0,
      evidence: `maj@${k} - greedy: ${signedPoints(difference)} points, 95 % [${ends.map(signedPoints).join(', ')}], ${pooled.length} problems of ${seeds.length} seeds.`,
      measured: { k, difference, interval: ends, problems: pooled.length, seeds: seeds.map(({ seed }) => seed) },
    };
  },
});
