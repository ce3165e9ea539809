import { describe, expect, it } from 'vitest';
import { timeLeft } from './time-left.ts';

describe('the time left', () => {
  it('is not guessed before anything is done', () => {
    expect(timeLeft(0, 100, 12)).toBe('');
  });

  it.each([
    [50, 100, 10, '10 s left'],
    [1, 3, 0.6, '2 s left'],
    [100, 100, 10, '0 s left'],
    [1, 81, 1, '1 min 20 s left'],
    [10, 100, 800, '2 h 0 min left'],
  ])('of %i of %i after %f s is %s', (done, total, elapsedSeconds, text) => {
    expect(timeLeft(done, total, elapsedSeconds)).toBe(text);
  });
});
