import type { Dropped, Outcome, Pair } from '../rule.ts';
import { isWinner, whySkipped, type Usable } from './sides.ts';

/** Pairs of a problem on their way, up to a number. Two completions of the same text make none: between them nothing can be preferred. */
export class PairList {
  private readonly pairs: Pair[] = [];
  private readonly most: number;
  private ties = 0;

  constructor(most: number) {
    this.most = most;
  }

  get isFull(): boolean {
    return this.pairs.length >= this.most;
  }

  /** Takes a pair that was not offered before. */
  offer(chosen: Usable, rejected: Usable): void {
    if (chosen.completion.text === rejected.completion.text) this.ties += 1;
    else this.pairs.push({ chosen: chosen.position, rejected: rejected.position });
  }

  /** What became of the problem; `usable` are the completions that could have been in pairs. */
  outcome(usable: readonly Usable[], left: Dropped): Outcome {
    const { pairs } = this;
    const dropped = { ...left, ties: this.ties };
    if (pairs.length > 0) return { pairs, dropped };
    const winners = usable.filter(isWinner).length;
    return { pairs, dropped, skipped: whySkipped(winners, usable.length - winners) };
  }
}
