import type { PairList } from './pair-list.ts';
import type { Usable } from './sides.ts';

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * Goes over both sides at the same time, starting one over when it is exhausted, until the list is full. Where the cycles meet a
 * combination again, the losers are shifted by one: so every combination comes once.
 */
export function cycleThrough(list: PairList, winners: readonly Usable[], losers: readonly Usable[]): void {
  const combinations = winners.length * losers.length;
  const period = combinations === 0 ? 0 : combinations / greatestCommonDivisor(winners.length, losers.length);
  for (let turn = 0; turn < combinations && !list.isFull; turn++) {
    const shift = Math.floor(turn / period);
    list.offer(winners[turn % winners.length]!, losers[(turn + shift) % losers.length]!);
  }
}
