/** Figures of a pass: what is made of the outcomes. */
import { setImmediate } from 'node:timers/promises';
import {
  voteOf,
  type AtK,
  type Estimate,
  type GroupResult,
  type MajorityResult,
  type Outcome,
  type Proportion,
} from '@hone/contracts';
import { bootstrapPercentile, majorityAtK, meanOf, passAtK, proportion, seedFor, wilson } from '@hone/statistics';
import { countOutcomes, type Tally } from './tally.ts';

/** The measured outcomes of a problem. */
type Outcomes = readonly Outcome[];

const countRight = (outcomes: Outcomes): number => outcomes.filter(({ right }) => right).length;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : meanOf(values));

/** Share of completions that are right. */
function accuracy(problems: readonly Outcomes[]): Proportion {
  const outcomes = problems.flat();
  return proportion(countRight(outcomes), outcomes.length);
}

/** Share of problems whose one greedy completion is right. */
export function greedyAccuracy(tally: Tally): Proportion {
  tally.requireMeasured();
  return accuracy(tally.measured);
}

/** A mean over problems with its bootstrap interval; drawing equal values anew says nothing, so those have Wilson's. */
async function estimate(values: readonly number[], seed: bigint): Promise<Estimate> {
  // A bootstrap of thousands of problems takes a good part of a second: other calls are answered in between.
  await setImmediate();
  const value = mean(values);
  const squares = sum(values.map((single) => (single - value) ** 2));
  const standardError = values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1) / values.length);
  const isVaried = values.some((single) => single !== values[0]);
  const interval = isVaried ? bootstrapPercentile(values, { seed }) : wilson(value * values.length, values.length);
  return { value, standardError, ...interval };
}

export async function greedyBootstrap(tally: Tally, seed: bigint): Promise<Estimate> {
  const values = tally.measured.filter(({ length }) => length > 0).map((outcomes) => (outcomes[0]!.right ? 1 : 0));
  return estimate(values, seedFor('bootstrap', seed, 'greedy'));
}

/** maj@k of one problem. */
type MajorityVote = ReturnType<typeof majorityAtK>;

/** Problems after which other calls are answered: each may take some milliseconds. */
const PROBLEMS_A_TURN = 20;

/** maj@k of each problem, over all subsets of k of its samples, or of what was measured where that is less; none for no votes. */
export async function majorityVotes(
  problems: readonly Outcomes[],
  k: number,
  seed: bigint,
): Promise<(MajorityVote | undefined)[]> {
  const votes: (MajorityVote | undefined)[] = [];
  for (const [index, outcomes] of problems.entries()) {
    if (index % PROBLEMS_A_TURN === 0) await setImmediate();
    const options = { seed: seedFor('majority', seed, k) };
    const size = Math.min(k, outcomes.length);
    votes.push(size === 0 ? undefined : majorityAtK(outcomes.map(voteOf), size, options));
  }
  return votes;
}

function majorityShare(votes: readonly (MajorityVote | undefined)[]): Proportion {
  const cast = votes.flatMap((vote) => (vote ? [vote.accuracy] : []));
  return proportion(sum(cast), cast.length);
}

/** maj@k: share of problems whose majority answer is right, beside the accuracy of single votes. */
export function majorityResult(tally: Tally, k: number, votes: readonly (MajorityVote | undefined)[]): MajorityResult {
  tally.requireMeasured();
  const sampleAccuracy = accuracy(tally.measured).accuracy;
  return { k, accuracy: majorityShare(votes), sampleAccuracy, completions: tally.counts };
}

/** pass@k and maj@k with their intervals, over the problems that have k measured samples. */
export async function resultsAtK(tally: Tally, ks: readonly number[], seed: bigint): Promise<AtK[]> {
  const results: AtK[] = [];
  for (const k of [...new Set(ks)].sort((a, b) => a - b)) {
    const enough = tally.measured.filter(({ length }) => length >= k);
    if (enough.length === 0) continue;
    const votes = (await majorityVotes(enough, k, seed)).map((vote) => vote!);
    const passes = enough.map((outcomes) => passAtK(outcomes.length, countRight(outcomes), k));
    // Problems are drawn independently, so variances add.
    const variance = sum(votes.map(({ standardError }) => standardError ** 2));
    results.push({
      k,
      pass: await estimate(passes, seedFor('bootstrap', seed, 'pass', k)),
      majority: await estimate(
        votes.map(({ accuracy: value }) => value),
        seedFor('bootstrap', seed, 'majority', k),
      ),
      majorityStandardError: Math.sqrt(variance) / enough.length,
      problems: enough.length,
    });
  }
  return results;
}

/** What was measured of a group's problems. */
export interface Passes {
  readonly greedy: Tally | undefined;
  readonly majority: Tally | undefined;
  /** maj@k of each problem. */
  readonly votes: readonly (MajorityVote | undefined)[];
}

/** Results of each group of problems, by name; `names` says each problem's group, '' for none. */
export function groupResults(names: readonly string[], { greedy, majority, votes }: Passes): GroupResult[] {
  const order = new Intl.Collator('en', { numeric: true });
  const groups = [...new Set(names)].filter((name) => name !== '').sort(order.compare);
  return groups.map((name) => {
    const ofGroup = <Item>(items: readonly Item[]): Item[] => items.filter((_, index) => names[index] === name);
    const answered = greedy && ofGroup(greedy.measured);
    const voted = majority && ofGroup(majority.measured);
    const any = (problems: readonly Outcomes[] | undefined): boolean => (problems?.flat().length ?? 0) > 0;
    return {
      name,
      greedy: any(answered) ? accuracy(answered!) : undefined,
      greedyCompletions: greedy && countOutcomes(ofGroup(greedy.byProblem).flat()),
      majority: any(voted) ? majorityShare(ofGroup(votes)) : undefined,
      sampleAccuracy: voted ? accuracy(voted).accuracy : 0,
    };
  });
}
