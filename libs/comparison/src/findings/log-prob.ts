/** How a method moves the log-probs of the chosen and the rejected completions of the fixed pairs. */
import { meanOf } from '@hone/statistics';
import { z } from 'zod';
import { atText, iterationAt, runsOf, type At, type MeasuredRun, type PairLogProbs } from '../measured.ts';
import { pooledDifference } from '../paired-test.ts';
import { defineFinding, notMeasured, type Measurements, type Verdict } from './finding.ts';
import { at, method } from './keys.ts';

const moves = z.enum(['rises', 'falls']).describe('Which way it goes.');
type Which = 'chosen' | 'rejected';

/** Of one pair a problem. */
const byProblem = (pairs: readonly PairLogProbs[], which: Which): ReadonlyMap<string, number> =>
  new Map(pairs.map((pair) => [pair.problem, pair[which]]));

/** [after, before] of each problem of a run. */
function movedIn(run: MeasuredRun, which: Which, at: At): [number, number][] {
  const [first, last] = [iterationAt(run, 0), iterationAt(run, at)];
  const before = byProblem(first?.pairs ?? [], which);
  return [...byProblem(last?.pairs ?? [], which)].flatMap(([id, after]): [number, number][] =>
    before.has(id) ? [[after, before.get(id)!]] : [],
  );
}

interface Asked {
  readonly which: Which;
  readonly method: string;
  readonly at: At;
  readonly moves: z.output<typeof moves>;
}

function checkMoved({ which, method, at, moves }: Asked, { runs }: Measurements): Verdict {
  const seeds = runsOf(runs, method)
    .map((run) => ({ seed: run.seed, problems: movedIn(run, which, at) }))
    .filter(({ problems }) => problems.length > 0);
  if (seeds.length === 0) return notMeasured(`log-probs of pairs under ${method} ${atText(at)}`);
  const all = seeds.flatMap(({ problems }) => problems);
  const [after, before] = [meanOf(all.map(([last]) => last)), meanOf(all.map(([, first]) => first))];
  const { difference, interval } = pooledDifference(all, `${which} log-prob of ${method} ${atText(at)}`);
  const each = seeds.map(({ seed, problems }) => {
    return { seed, difference: meanOf(problems.map(([last, first]) => last - first)) };
  });
  const ends = `[${interval.lower.toFixed(3)}, ${interval.upper.toFixed(3)}]`;
  return {
    holds: moves === 'rises' ? interval.lower > 0 : interval.upper < 0,
    evidence:
      `Mean log-prob of ${which} completions, M_0 → ${at === 'end' ? 'the last checkpoint' : `M_${at}`}: ${before.toFixed(3)} → ` +
      `${after.toFixed(3)} (change ${difference.toFixed(3)}, 95 % ${ends}, ${all.length} problems; by seed: ` +
      `${each.map((one) => one.difference.toFixed(3)).join(', ')}).`,
    measured: {
      ...{ before, after, difference, interval: [interval.lower, interval.upper] },
      ...{ problems: all.length, seeds: each },
    },
  };
}

const kindOf = (which: Which) =>
  defineFinding({
    kind: `${which}_log_prob`,
    settings: z.strictObject({ method, moves, at }),
    claim: ({ method, moves, at }) =>
      `${method}: the log-prob of ${which} completions ${moves}, M_0 to ${at === 'end' ? 'the end' : `M_${at}`}`,
    methods: ({ method }) => ({ method }),
    check: (settings, measurements) => checkMoved({ which, ...settings }, measurements),
  });

export const chosenLogProb = kindOf('chosen');
export const rejectedLogProb = kindOf('rejected');
