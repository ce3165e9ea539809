/** The shortest right completion of a problem over its longest wrong ones: the example of docs/guides/rule.md. */
import { defineRule, type JudgedCompletion } from '@hone/rules';
import { z } from 'zod';

const length = ({ tokenIds }: JudgedCompletion): number => tokenIds.length;

export const shortOverLong = defineRule({
  name: 'short-over-long',
  version: 1,
  summary: 'The shortest right completion over the longest wrong ones: the same answer in fewer tokens.',
  source: 'an example of this repository',
  produces: 'pairs',
  needs: { verdicts: true, solutions: false },
  settings: z.strictObject({
    per_problem: z.int().min(1).max(1000).default(1).describe('Most pairs a problem.'),
  }),
  apply({ completions }, { per_problem: most }) {
    const judged = completions.flatMap((completion, index) =>
      completion.state === 'SCORED' && !completion.truncated ? [{ ...completion, index }] : [],
    );
    const dropped = { unjudged: completions.length - judged.length };
    const right = judged.filter(({ score }) => score >= 1).sort((one, other) => length(one) - length(other));
    const wrong = judged.filter(({ score }) => score < 1).sort((one, other) => length(other) - length(one));
    const [chosen] = right;
    if (!chosen) return { pairs: [], dropped, skipped: wrong.length > 0 ? 'all wrong' : 'empty' };
    if (wrong.length === 0) return { pairs: [], dropped, skipped: 'all right' };
    return { pairs: wrong.slice(0, most).map(({ index }) => ({ chosen: chosen.index, rejected: index })), dropped };
  },
});
