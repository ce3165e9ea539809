/**
 * Right completions over the wrong ones nearest to them in length. Preference training learns length where chosen and rejected differ in
 * it (arXiv 2403.19159); pairs of like length take that away. In rounds over the winners, in an order of the seed: each takes the nearest
 * loser that it is not yet chosen over. Which of equally near ones comes first is drawn.
 */
import { z } from 'zod';
import { lengthsOf } from '../parts/lengths.ts';
import { PairList } from '../parts/pair-list.ts';
import { perProblem, sideKeys, sidesOf, type Usable } from '../parts/sides.ts';
import { firstAbove } from '../parts/drawing.ts';
import { defineRule } from '../rule.ts';

/** Losers of one length, as positions in the drawn order. */
interface Shelf {
  readonly length: number;
  readonly positions: number[];
}

function shelvesOf(lengths: readonly number[]): Shelf[] {
  const shelves = new Map<number, Shelf>();
  for (const [position, length] of lengths.entries()) {
    const shelf = shelves.get(length) ?? { length, positions: [] };
    shelf.positions.push(position);
    shelves.set(length, shelf);
  }
  return [...shelves.values()].sort((one, other) => one.length - other.length);
}

/** Positions of losers by their distance from a length. */
function* nearest(shelves: readonly Shelf[], length: number): Generator<number, void> {
  let above = firstAbove(
    shelves.map((shelf) => shelf.length),
    length,
  );
  let below = above - 1;
  while (below >= 0 || above < shelves.length) {
    const [down, up] = [length - (shelves[below]?.length ?? -Infinity), (shelves[above]?.length ?? Infinity) - length];
    const near = [
      ...(down <= up ? shelves[below--]!.positions : []),
      ...(up <= down ? shelves[above++]!.positions : []),
    ];
    yield* near.sort((one, other) => one - other);
  }
}

/** In rounds, the next of each until all are exhausted. */
function* inTurn<Item>(sources: readonly Generator<Item, void>[]): Generator<readonly [number, Item], void> {
  let open = sources.map((source, index) => ({ source, index }));
  while (open.length > 0) {
    const goingOn: typeof open = [];
    for (const one of open) {
      const next = one.source.next();
      if (next.done) continue;
      yield [one.index, next.value];
      goingOn.push(one);
    }
    open = goingOn;
  }
}

export const nearestLength = defineRule({
  name: 'nearest-length',
  version: 1,
  summary: 'Right completions over the wrong ones nearest in length, so that length is not what is learnt.',
  source: 'against length bias: Disentangling Length from Quality in DPO, arXiv 2403.19159',
  produces: 'pairs',
  needs: { verdicts: true, solutions: false },
  settings: z.strictObject({ per_problem: perProblem(10), ...sideKeys }),
  apply(problem, settings, seed) {
    const { winners, losers, dropped } = sidesOf(problem, settings, seed);
    const usable: Usable[] = [...winners, ...losers];
    const lengthOf = lengthsOf(usable);
    const shelves = shelvesOf(losers.map(lengthOf));
    const list = new PairList(settings.per_problem);
    for (const [winner, loser] of inTurn(winners.map((one) => nearest(shelves, lengthOf(one))))) {
      if (list.isFull) break;
      list.offer(winners[winner]!, losers[loser]!);
    }
    return list.outcome(usable, dropped);
  },
});
