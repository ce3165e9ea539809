import { invalidArgument } from '@hone/errors';

/** One vote: the answer in its normal form, null where there is none, and whether it is right. */
export interface Vote {
  readonly answer: string | null;
  readonly right: boolean;
}

/**
 * Probability that the majority answer is right. Votes without an answer do not count; at a tie one of the most voted answers is
 * drawn uniformly, so that the result is the share of right ones among them. No votes at all: 0. maj@k of the first k samples is
 * this of `votes.slice(0, k)`.
 */
export function majorityAccuracy(votes: readonly Vote[]): number {
  const tallies = new Map<string, { count: number; right: boolean }>();
  for (const { answer, right } of votes) {
    if (answer === null) continue;
    const tally = tallies.get(answer) ?? { count: 0, right };
    tally.count += 1;
    tallies.set(answer, tally);
  }
  const most = Math.max(0, ...[...tallies.values()].map(({ count }) => count));
  const leaders = [...tallies.values()].filter(({ count }) => count === most && most > 0);
  return leaders.length === 0 ? 0 : leaders.filter(({ right }) => right).length / leaders.length;
}

/**
 * pass@k: probability that at least one of k samples, drawn without replacement from n of which c are right, is right:
 * 1 - C(n-c, k) / C(n, k) (Chen et al., arXiv 2107.03374, equation 1), in the product form that does not overflow.
 */
export function passAtK(n: number, c: number, k: number): number {
  const whole = [n, c, k].every((value) => Number.isInteger(value));
  if (!whole || c < 0 || c > n) throw invalidArgument('c', `must be a whole number from 0 to n (${n}), but is ${c}`);
  if (k < 1 || k > n) throw invalidArgument('k', `must be from 1 to the ${n} samples, but is ${k}`);
  if (n - c < k) return 1;
  let fails = 1;
  for (let i = n - c + 1; i <= n; i++) fails *= 1 - k / i;
  return 1 - fails;
}
