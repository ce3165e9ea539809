import { StepMetrics } from '@hone/contracts';
import { expect, test } from 'vitest';
import { firstAndLastTenth } from './step-means.ts';

const steps = (count: number): StepMetrics[] =>
  Array.from({ length: count }, (_, index) =>
    StepMetrics.fromPartial({ step: index + 1, loss: index, tokens: BigInt(100 * index) }),
  );

test('the means are over a tenth of the steps at each end', () => {
  const { first, last } = firstAndLastTenth(steps(29));
  expect(first).toMatchObject({ step: 2, loss: 0.5, tokens: 50n });
  expect(last).toMatchObject({ step: 29, loss: 27.5, tokens: 2750n });
});

test('fewer than ten steps give the first and the last step', () => {
  const { first, last } = firstAndLastTenth(steps(3));
  expect(first).toMatchObject({ step: 1, loss: 0 });
  expect(last).toMatchObject({ step: 3, loss: 2 });
});
