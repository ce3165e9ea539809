/**
 * Training on one's own right samples: the E-step of ReST-EM (arXiv 2312.06585, section 3, with a reward of 1 where the answer is
 * right) and of expert iteration, and the samples that STaR keeps (arXiv 2203.14465, section 3.1, before rationalisation).
 */
import { LIMITS } from '@hone/limits';
import { Random, seedFor } from '@hone/statistics';
import { z } from 'zod';
import { defineRule, type JudgedCompletion } from '../rule.ts';

const settings = z.strictObject({
  per_problem: z
    .int()
    .min(0)
    .max(LIMITS.pairsPerProblem)
    .default(0)
    .describe('Most examples a problem, so that easy problems do not outweigh hard ones; 0 means all.'),
});

type Kind = 'right' | 'wrong' | 'truncated' | 'unscorable' | 'errors';

function kindOf({ state, score, truncated }: JudgedCompletion): Kind {
  if (state === 'ERROR') return 'errors';
  // What was cut off would teach a model not to end.
  if (truncated || state === 'TRUNCATED') return 'truncated';
  if (state === 'UNSCORABLE') return 'unscorable';
  return score >= 1 ? 'right' : 'wrong';
}

export const rightSamples = defineRule({
  name: 'right-samples',
  version: 1,
  summary: 'Every distinct right completion that ended by itself, as an example.',
  source: 'expert iteration: ReST-EM, arXiv 2312.06585, section 3; STaR, arXiv 2203.14465, section 3.1',
  produces: 'examples',
  needs: { verdicts: true, solutions: false },
  settings,
  apply({ id, completions }, { per_problem }, seed) {
    const counts = { right: 0, wrong: 0, truncated: 0, unscorable: 0, errors: 0 };
    const distinct = new Map<string, number>();
    completions.forEach((completion, index) => {
      const kind = kindOf(completion);
      const key = completion.tokenIds.join();
      counts[kind] += 1;
      if (kind === 'right' && !distinct.has(key)) distinct.set(key, index);
    });
    const right = new Random(seedFor(seed, id)).shuffle([...distinct.values()]);
    const examples = per_problem === 0 ? right : right.slice(0, per_problem);
    const dropped = {
      duplicates: counts.right - right.length,
      truncated: counts.truncated,
      unscorable: counts.unscorable,
      errors: counts.errors,
      over_limit: right.length - examples.length,
    };
    if (examples.length > 0) return { examples, dropped };
    return { examples, dropped, skipped: counts.wrong + counts.unscorable > 0 ? 'all wrong' : 'empty' };
  },
});
