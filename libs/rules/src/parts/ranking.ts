import type { Random } from '@hone/statistics';
import { PairList } from './pair-list.ts';
import type { Usable } from './sides.ts';

/**
 * The first of those that may win by falling value over the first of all by rising value, the second over the second, and so on, while
 * the scores say so too. Which of equal ones comes first is drawn.
 */
export function rankInto(
  list: PairList,
  usable: readonly Usable[],
  valueOf: (completion: Usable) => number,
  random: Random,
): void {
  const drawn = random.shuffle([...usable]);
  const best = drawn.filter(({ mayWin }) => mayWin).sort((one, other) => valueOf(other) - valueOf(one));
  const worst = [...drawn].sort((one, other) => valueOf(one) - valueOf(other));
  for (let rank = 0; rank < best.length && !list.isFull; rank++) {
    const [chosen, rejected] = [best[rank]!, worst[rank]!];
    if (valueOf(chosen) <= valueOf(rejected)) return;
    if (chosen.score > rejected.score) list.offer(chosen, rejected);
  }
}
