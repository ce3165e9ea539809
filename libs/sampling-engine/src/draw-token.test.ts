import { expect, test } from 'vitest';
import { drawToken } from './draw-token.ts';

const PROBABILITIES = [0.1, 0.4, 0.2, 0.3];
const logProbs = Float64Array.from(PROBABILITIES, Math.log);
const plain = { temperature: 1, topK: 0, topP: 1 };

/** Share of each token over evenly spread uniform numbers. */
function shares(params: Partial<typeof plain>, count = 10_000): number[] {
  const drawn = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) drawn[drawToken(logProbs, { ...plain, ...params }, (i + 0.5) / count)]! += 1;
  return drawn.map((times) => times / count);
}

const close = (values: number[]): unknown[] => values.map((value) => expect.closeTo(value, 3));

test('tokens are drawn as often as they are probable', () => {
  expect(shares({})).toEqual(close(PROBABILITIES));
});

test('temperature sharpens before top-k cuts, and top-k before top-p', () => {
  const squares = PROBABILITIES.map((p) => p ** 2);
  const sum = squares.reduce((a, b) => a + b, 0);
  expect(shares({ temperature: 0.5 })).toEqual(close(squares.map((p) => p / sum)));
  expect(shares({ topK: 2 })).toEqual(close([0, 4 / 7, 0, 3 / 7]));
  expect(shares({ topP: 0.69 })).toEqual(close([0, 4 / 7, 0, 3 / 7]));
  expect(shares({ topK: 2, topP: 0.57 })).toEqual(close([0, 1, 0, 0]));
  expect(shares({ topP: 1e-9 })).toEqual(close([0, 1, 0, 0]));
});

test('temperature 0 takes the most probable, the first of equal ones', () => {
  expect(drawToken(logProbs, { ...plain, temperature: 0 }, 0.99)).toBe(1);
  expect(drawToken(Float32Array.of(-1, -1), { ...plain, temperature: 0 }, 0.99)).toBe(0);
});

test('rounding never draws past the last token', () => {
  expect(drawToken(Float64Array.of(-1e-300), plain, 1 - 2 ** -53)).toBe(0);
});
