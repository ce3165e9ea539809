/** At most so many pairs of a problem, whichever rules made them: so that problems with many do not outweigh the others. */
import { Random, seedFor } from '@hone/statistics';
import { z } from 'zod';
import { defineCut } from '../parts/alone.ts';
import { perProblem } from '../parts/sides.ts';

export const cap = defineCut({
  name: 'cap',
  version: 1,
  summary: 'A cut: at most so many pairs of a problem, of all that the stages before it made.',
  source: 'the most pairs of a problem (K) of arXiv 2404.19733, section 3, over several rules',
  needs: { verdicts: true, solutions: false },
  settings: z.strictObject({
    per_problem: perProblem(10),
    keep: z
      .enum(['first', 'random'])
      .default('first')
      .describe('Which are kept: those that were made first, or some at random; in the order in which they were made.'),
  }),
  cut(pairs, { id }, { per_problem, keep }, seed) {
    if (keep === 'first') return pairs.slice(0, per_problem);
    const positions = new Random(seedFor(seed, id)).shuffle(pairs.map((_, position) => position)).slice(0, per_problem);
    return positions.sort((one, other) => one - other).map((position) => pairs[position]!);
  },
});
