import { Evaluation } from '@hone/contracts';
import type { SelectSettings } from '@hone/recipes';
import { describe, expect, it } from 'vitest';
import { choose, type Candidate } from './select.ts';

const GREEDY: SelectSettings = { metric: 'greedy', patience: 0, min_improvement: 0 };

/** What the choice finds of checkpoints M_0, M_1, … with these accuracies, one after the other. */
function chooseAll(accuracies: readonly number[], settings: Partial<SelectSettings> = {}, last = Infinity) {
  const candidates: Candidate[] = [];
  return accuracies.map((accuracy, iteration) => {
    const checkpoint = `checkpoints/${iteration}`;
    const evaluation = Evaluation.fromPartial({ checkpoint, greedy: { accuracy } });
    const isLast = iteration === last;
    const found = choose({ ...GREEDY, ...settings }, candidates, { iteration, evaluation, isLast });
    candidates.push({ iteration, checkpoint, value: found.value });
    return found;
  });
}
const bestOf = (...given: Parameters<typeof chooseAll>) => chooseAll(...given).map((found) => found.bestIteration);

describe('the choice among checkpoints', () => {
  it('takes the best so far, and of equal ones the first', () => {
    expect(bestOf([0.25, 0.5, 0.375, 0.5, 0.75])).toEqual([0, 1, 1, 1, 4]);
    expect(chooseAll([0.25, 0.5]).at(-1)).toMatchObject({ value: 0.5, bestCheckpoint: 'checkpoints/1', stop: '' });
  });

  it('takes a better one only where it is better by as much as was asked, against the best', () => {
    expect(bestOf([0.25, 0.375, 0.5, 0.625], { min_improvement: 0.25 })).toEqual([0, 0, 2, 2]);
  });

  it('compares the figure that was asked for, and says so where the evaluation lacks it', () => {
    const evaluation = Evaluation.fromPartial({
      ...{ checkpoint: 'checkpoints/0', greedy: { accuracy: 0.25 } },
      majority: { accuracy: { accuracy: 0.75 } },
    });
    const position = { iteration: 0, evaluation, isLast: false };
    expect(choose(GREEDY, [], position).value).toBe(0.25);
    expect(choose({ ...GREEDY, metric: 'majority' }, [], position).value).toBe(0.75);
    const without = { ...position, evaluation: { ...evaluation, majority: undefined } };
    expect(() => choose({ ...GREEDY, metric: 'majority' }, [], without)).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });

  it('keeps the evaluation on which it rests', () => {
    const evaluation = Evaluation.fromPartial({ checkpoint: 'checkpoints/0', greedy: { accuracy: 0.25 } });
    expect(choose(GREEDY, [], { iteration: 0, evaluation, isLast: false }).evaluation).toEqual(evaluation);
  });
});

describe('the run', () => {
  it('stops after as many iterations without a better checkpoint as its patience has, and says since when', () => {
    const stops = chooseAll([0.5, 0.25, 0.75, 0.75, 0.5], { patience: 2 }).map(({ stop }) => stop);
    expect(stops.slice(0, 4)).toEqual(['', '', '', '']);
    expect(stops[4]).toBe(
      'iterations 3 to 4 brought no better checkpoint than iteration 2, whose greedy accuracy on the held-out problems is 75.0 %',
    );
  });

  it('counts what is not clearly better as no better', () => {
    const stops = chooseAll([0.5, 0.625], { patience: 1, min_improvement: 0.25 }).map(({ stop }) => stop !== '');
    expect(stops).toEqual([false, true]);
  });

  it('never stops without a patience, nor at its last iteration, which ends it anyway', () => {
    expect(chooseAll([0.5, 0.25, 0.25, 0.25]).map(({ stop }) => stop)).toEqual(['', '', '', '']);
    expect(chooseAll([0.5, 0.25, 0.25], { patience: 2 }, 2).at(-1)!.stop).toBe('');
  });
});
