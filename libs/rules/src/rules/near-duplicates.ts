/**
 * Leaves out completions that say nearly the same as an earlier one of the same verdict: the Jaccard index of their sets of n-grams of
 * tokens reaches a threshold (near-duplicates of training data, arXiv 2107.06499, section 4.2). A right and a wrong one that are alike
 * both stay: that is the contrast that a pair should have.
 */
import { z } from 'zod';
import { defineFilter } from '../parts/alone.ts';
import type { JudgedCompletion } from '../rule.ts';

/** Every run of `size` tokens; the whole where there are fewer. */
function gramsOf({ tokenIds }: JudgedCompletion, size: number): ReadonlySet<string> {
  const grams = new Set<string>();
  for (let begin = 0; begin + size <= tokenIds.length; begin++)
    grams.add(tokenIds.subarray(begin, begin + size).join());
  return grams.size > 0 ? grams : new Set([tokenIds.join()]);
}

/** Whether two sets share so much of what either has. */
function isAlike(one: ReadonlySet<string>, other: ReadonlySet<string>, threshold: number): boolean {
  const [small, large] = one.size < other.size ? [one, other] : [other, one];
  // The smaller within the larger is the most that they can share.
  if (small.size < threshold * large.size) return false;
  let shared = 0;
  for (const gram of small) if (large.has(gram)) shared += 1;
  return shared / (small.size + large.size - shared) >= threshold;
}

export const nearDuplicates = defineFilter({
  name: 'near-duplicates',
  version: 1,
  summary: 'A filter: leaves out completions that are nearly an earlier one of the same verdict.',
  source: 'near-duplicates by n-grams: Deduplicating Training Data, arXiv 2107.06499, section 4.2',
  needs: { verdicts: true, solutions: false },
  settings: z.strictObject({
    threshold: z
      .number()
      .gt(0)
      .max(1)
      .default(0.9)
      .describe('From this Jaccard index on, of the sets of their n-grams, the later of two completions is left out.'),
    n: z.int().min(1).max(100).default(3).describe('Tokens in a row that make an n-gram.'),
  }),
  filter({ completions }, { threshold, n }) {
    const kept: JudgedCompletion[] = [];
    const byVerdict = new Map<string, ReadonlySet<string>[]>();
    for (const completion of completions) {
      const verdict = `${completion.state} ${completion.score} ${completion.truncated}`;
      const before = byVerdict.get(verdict) ?? [];
      const grams = gramsOf(completion, n);
      // Of a solution, which a filter before this one may have added, the tokens are not known.
      const isKnown = completion.tokenIds.length > 0;
      if (isKnown && before.some((other) => isAlike(other, grams, threshold))) continue;
      kept.push(completion);
      if (isKnown) before.push(grams);
      byVerdict.set(verdict, before);
    }
    return { completions: kept, dropped: { near_duplicates: completions.length - kept.length } };
  },
});
