/**
 * What people chose: of two completions that were compared, the one that most annotators preferred over the other. As in Deep RL from Human
 * Preferences (arXiv 1706.03741, section 2.2.2), what people find incomparable is left out; so is what they find equal, since a pair of DPO
 * has a chosen one.
 */
import { z } from 'zod';
import { defineRule, type JudgedComparison, type Pair } from '../rule.ts';

/** Why a comparison gives no pair. */
type Reason = 'unjudged' | 'undecided' | 'disputed' | 'ties' | 'repeated';

/** Which side has more than half of all judgements, and the share that is asked for; or why none has. */
function winnerOf({ judgements }: JudgedComparison, leastShare: number): 'A' | 'B' | Reason {
  if (judgements.length === 0) return 'unjudged';
  const votes = { A: 0, B: 0, TIE: 0, NEITHER: 0 };
  for (const { choice } of judgements) votes[choice] += 1;
  const half = judgements.length / 2;
  if (votes.TIE + votes.NEITHER > half) return 'undecided';
  const [winner, count] = votes.A >= votes.B ? (['A', votes.A] as const) : (['B', votes.B] as const);
  return count > half && count >= leastShare * judgements.length ? winner : 'disputed';
}

export const majority = defineRule({
  name: 'majority',
  version: 1,
  summary: 'What most annotators chose over what it was compared with; needs what people said, and no verdicts.',
  source: 'Deep RL from Human Preferences, arXiv 1706.03741, section 2.2.2; annotators by majority',
  produces: 'pairs',
  needs: { verdicts: false, completions: true, comparisons: true, solutions: false },
  settings: z.strictObject({
    least_share: z
      .number()
      .min(0.5)
      .max(1)
      .default(0.5)
      .describe(
        "Least share of a comparison's judgements, ties among them, that must prefer the chosen; more than half always. 1 means all.",
      ),
  }),
  apply({ comparisons = [], completions }, { least_share: leastShare }) {
    const pairs = new Map<string, Pair>();
    const dropped: Record<Reason, number> = { unjudged: 0, undecided: 0, disputed: 0, ties: 0, repeated: 0 };
    for (const comparison of comparisons) {
      const { a, b } = comparison;
      const winner = winnerOf(comparison, leastShare);
      if (winner !== 'A' && winner !== 'B') {
        dropped[winner] += 1;
        continue;
      }
      const [chosen, rejected] = winner === 'A' ? [a, b] : [b, a];
      const key = `${chosen}/${rejected}`;
      if (completions[chosen]!.text === completions[rejected]!.text) dropped.ties += 1;
      else if (pairs.has(key)) dropped.repeated += 1;
      else pairs.set(key, { chosen, rejected });
    }
    const made = [...pairs.values()];
    return made.length > 0 ? { pairs: made, dropped } : { pairs: made, dropped, skipped: 'empty' };
  },
});
