/** Majority votes. Invalid answers never vote; a tie is decided by a uniformly random choice among the most voted. */
import { invalidArgument } from '@hone/errors';
import { Random } from './random.ts';

/** One vote: the answer in its normal form, null where there is none, and whether it is right. */
export interface Vote {
  readonly answer: string | null;
  readonly right: boolean;
}

interface Candidate {
  count: number;
  readonly right: boolean;
}

function candidatesOf(votes: readonly Vote[]): Candidate[] {
  const candidates = new Map<string, Candidate>();
  for (const { answer, right } of votes) {
    if (answer === null) continue;
    const candidate = candidates.get(answer) ?? { count: 0, right };
    candidate.count += 1;
    candidates.set(answer, candidate);
  }
  return [...candidates.values()];
}

/**
 * Probability that the majority answer is right. Votes without an answer do not count; at a tie one of the most voted answers is
 * drawn uniformly, so that the result is the share of right ones among them. No votes at all: 0. maj@k of the first k samples is
 * this of `votes.slice(0, k)`.
 */
export function majorityAccuracy(votes: readonly Vote[]): number {
  const candidates = candidatesOf(votes);
  const most = candidates.reduce((highest, { count }) => Math.max(highest, count), 0);
  const leaders = candidates.filter(({ count }) => count === most);
  return leaders.length === 0 ? 0 : leaders.filter(({ right }) => right).length / leaders.length;
}

/** maj@k of one problem. */
export interface MajorityAtK {
  /** Probability that the majority of k samples, drawn without replacement, is right. */
  readonly accuracy: number;
  /** Of the estimate; 0 where it is exact. */
  readonly standardError: number;
}

/** How the probability is found where it would be too much work to be exact. */
export interface MajorityOptions {
  readonly seed: bigint;
  /** Subsets to draw, at least 2; default 2,000. */
  readonly draws?: number;
}

/** Products that the exact sum may take for one problem: about 0.1 s. */
const MOST_WORK = 2e7;
/** Up to here C(n, k) is a finite double. */
const MOST_SAMPLES = 1000;

/** maj@k over all subsets of k of the samples: exact where that is feasible, else by Monte Carlo with its standard error. */
export function majorityAtK(votes: readonly Vote[], k: number, options: MajorityOptions): MajorityAtK {
  if (!Number.isInteger(k) || k < 1 || k > votes.length)
    throw invalidArgument('k', `must be from 1 to the ${votes.length} samples, but is ${k}`);
  if (k === votes.length) return { accuracy: majorityAccuracy(votes), standardError: 0 };
  const candidates = candidatesOf(votes);
  const feasible = votes.length <= MOST_SAMPLES && workOf(candidates, k) <= MOST_WORK;
  if (feasible) return { accuracy: majorityOverSubsets(votes.length, candidates, k), standardError: 0 };
  return majorityByDraws(votes, k, options);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function workOf(candidates: readonly Candidate[], k: number): number {
  const rights = candidates.filter(({ right }) => right).length;
  let work = 0;
  for (let most = 1; most <= k; most++) {
    const leaders = Math.floor(k / most) + 1;
    const takes = sum(candidates.map(({ count }) => Math.min(count, most) + 1));
    work += (k + 1) * leaders * Math.min(rights + 1, leaders) * takes;
  }
  return work;
}

/** C(n, 0) … C(n, most). */
function choices(n: number, most: number): number[] {
  const row = [1];
  for (let k = 1; k <= Math.min(n, most); k++) row.push((row[k - 1]! * (n - k + 1)) / k);
  return row;
}

/**
 * Sums over what the highest vote of a subset may be. For each, subsets are counted by their size, by how many answers lead and how
 * many of the leaders are right: C(count, taken) ways for each answer. The rest of the subset are samples without an answer.
 */
function majorityOverSubsets(samples: number, candidates: readonly Candidate[], k: number): number {
  const voting = sum(candidates.map(({ count }) => count));
  const rights = candidates.filter(({ right }) => right).length;
  const invalid = choices(samples - voting, k);
  let favourable = 0;
  for (let most = 1; most <= k; most++) {
    const ways = new LeaderCounts(k, Math.floor(k / most), Math.min(rights, Math.floor(k / most)));
    for (const candidate of candidates) ways.add(candidate, most);
    favourable += ways.favourable(invalid);
  }
  return favourable / choices(samples, k)[k]!;
}

/** How many subsets there are, by size, leaders and right leaders. */
class LeaderCounts {
  private ways: Float64Array;
  private readonly size: number;
  private readonly leaders: number;
  private readonly rights: number;

  constructor(size: number, leaders: number, rights: number) {
    [this.size, this.leaders, this.rights] = [size, leaders, rights];
    this.ways = new Float64Array((size + 1) * (leaders + 1) * (rights + 1));
    this.ways[0] = 1;
  }

  private indexOf(size: number, leaders: number, rights: number): number {
    return (size * (this.leaders + 1) + leaders) * (this.rights + 1) + rights;
  }

  private *states(): Generator<{ size: number; leaders: number; rights: number; ways: number }> {
    for (let size = 0; size <= this.size; size++)
      for (let leaders = 0; leaders <= this.leaders; leaders++)
        for (let rights = 0; rights <= Math.min(this.rights, leaders); rights++) {
          const ways = this.ways[this.indexOf(size, leaders, rights)]!;
          if (ways > 0) yield { size, leaders, rights, ways };
        }
  }

  /** Takes 0 to `most` samples of an answer; with `most` it leads. */
  add({ count, right }: Candidate, most: number): void {
    const next = new Float64Array(this.ways.length);
    const waysToTake = choices(count, most);
    for (const { size, leaders, rights, ways } of this.states()) {
      for (let taken = 0; taken < waysToTake.length && size + taken <= this.size; taken++) {
        const leads = taken === most ? 1 : 0;
        const index = this.indexOf(size + taken, leaders + leads, rights + (right ? leads : 0));
        next[index] = next[index]! + ways * waysToTake[taken]!;
      }
    }
    this.ways = next;
  }

  /** Subsets of the full size whose drawn leader is right: each counts with the share of right ones among its leaders. */
  favourable(invalid: readonly number[]): number {
    let total = 0;
    for (const { size, leaders, rights, ways } of this.states())
      if (leaders > 0) total += ways * (invalid[this.size - size] ?? 0) * (rights / leaders);
    return total;
  }
}

const DRAWS = 2_000;

function majorityByDraws(votes: readonly Vote[], k: number, { seed, draws = DRAWS }: MajorityOptions): MajorityAtK {
  const random = new Random(seed);
  const pool = [...votes];
  let [total, squares] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    // The first k positions of a shuffle are a uniform subset, whatever order the pool was in.
    for (let index = 0; index < k; index++) {
      const other = index + Math.floor(random.uniform() * (pool.length - index));
      [pool[index], pool[other]] = [pool[other]!, pool[index]!];
    }
    const accuracy = majorityAccuracy(pool.slice(0, k));
    total += accuracy;
    squares += accuracy ** 2;
  }
  const mean = total / draws;
  const variance = Math.max(0, squares / draws - mean ** 2) * (draws / (draws - 1));
  return { accuracy: mean, standardError: Math.sqrt(variance / draws) };
}
