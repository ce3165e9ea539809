import { expect, test } from 'vitest';
import { learningRateAt } from './schedule.ts';

const rates = (schedule: 'constant' | 'linear' | 'cosine', warmupSteps: number, totalSteps: number): number[] =>
  Array.from({ length: totalSteps }, (_, i) =>
    learningRateAt(i + 1, totalSteps, {
      learningRate: 1,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0,
      maxGradNorm: 0,
      warmupSteps,
      schedule,
    }),
  );

// The values are those of get_constant_schedule_with_warmup, get_linear_… and get_cosine_… of Transformers 5.23.
test('a constant schedule stays at the peak behind its warm-up from 0', () => {
  expect(rates('constant', 2, 5)).toEqual([0, 0.5, 1, 1, 1]);
});

test('a linear schedule falls so that the step after the last would have rate 0', () => {
  expect(rates('linear', 2, 6)).toEqual([0, 0.5, 1, 0.75, 0.5, 0.25]);
});

test('a cosine schedule falls along half a cosine', () => {
  const expected = [0, 0.5, 1, 0.853553390593, 0.5, 0.146446609407];
  rates('cosine', 2, 6).forEach((rate, i) => expect(rate).toBeCloseTo(expected[i]!, 10));
});

test('without a warm-up the first step has the peak rate', () => {
  expect(rates('constant', 0, 2)).toEqual([1, 1]);
  expect(rates('linear', 0, 2)).toEqual([1, 0.5]);
  expect(rates('cosine', 0, 2)[0]).toBe(1);
});
