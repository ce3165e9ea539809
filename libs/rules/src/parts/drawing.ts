/** Combinations drawn without replacement, of which no list is held: there may be millions. */
import type { Random } from '@hone/statistics';
import type { PairList } from './pair-list.ts';
import type { Usable } from './sides.ts';

/** A winner, and how many of the losers, from the first on, it may be chosen over. */
export interface Reach {
  readonly winner: Usable;
  readonly losers: number;
}

/** All whole numbers below `count`, each once, in random order (Fisher-Yates; only positions that were swapped are held). */
export function* shuffledNumbers(random: Random, count: number): Generator<number, void> {
  const moved = new Map<number, number>();
  for (let left = count; left > 0; left--) {
    const drawn = Math.floor(random.uniform() * left);
    yield moved.get(drawn) ?? drawn;
    moved.set(drawn, moved.get(left - 1) ?? left - 1);
    moved.delete(left - 1);
  }
}

/** Draws among all combinations of a winner and a loser within its reach, each as likely as any other, until the list is full. */
export function drawInto(list: PairList, reaches: readonly Reach[], losers: readonly Usable[], random: Random): void {
  const ends: number[] = [];
  for (const reach of reaches) ends.push((ends.at(-1) ?? 0) + reach.losers);
  for (const number of shuffledNumbers(random, ends.at(-1) ?? 0)) {
    if (list.isFull) return;
    const at = firstAbove(ends, number);
    list.offer(reaches[at]!.winner, losers[number - (ends[at - 1] ?? 0)]!);
  }
}

/** The first position whose value is above a number, among values that never fall. */
export function firstAbove(values: readonly number[], number: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! > number) high = middle;
    else low = middle + 1;
  }
  return low;
}
