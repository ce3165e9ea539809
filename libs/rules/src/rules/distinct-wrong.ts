/**
 * Wrong completions of different final answers first: ten that make the same mistake teach one thing. Losers stand in rounds, each with one
 * of every answer, and are gone over with the winners as by `cycle`. Completions without a readable answer count as one answer.
 */
import { z } from 'zod';
import { cycleThrough } from '../parts/cycling.ts';
import { PairList } from '../parts/pair-list.ts';
import { perProblem, sideKeys, sidesOf, type Usable } from '../parts/sides.ts';
import { defineRule } from '../rule.ts';

/** The order of the drawn losers in which no answer comes again before every other one that is left has come. */
function byRounds(losers: readonly Usable[]): Usable[] {
  const seen = new Map<string, number>();
  const rounds = losers.map((loser) => {
    const { answer } = loser.completion;
    const round = seen.get(answer) ?? 0;
    seen.set(answer, round + 1);
    return { loser, round };
  });
  return rounds.sort((one, other) => one.round - other.round).map(({ loser }) => loser);
}

export const distinctWrong = defineRule({
  name: 'distinct-wrong',
  version: 1,
  summary: 'Right completions over wrong ones, those of different wrong answers first.',
  source: 'diversity of the rejected; pairs as in arXiv 2404.19733, section 2',
  produces: 'pairs',
  needs: { verdicts: true, solutions: false },
  settings: z.strictObject({ per_problem: perProblem(10), ...sideKeys }),
  apply(problem, settings, seed) {
    const { winners, losers, dropped } = sidesOf(problem, settings, seed);
    const list = new PairList(settings.per_problem);
    cycleThrough(list, winners, byRounds(losers));
    return list.outcome([...winners, ...losers], dropped);
  },
});
