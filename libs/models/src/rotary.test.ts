import type { RopeScaling } from '@hone/checkpoint';
import { expect, test } from 'vitest';
import { inverseFrequencies } from './rotary.ts';

const frequencies = (scaling: RopeScaling | null): number[] => [...inverseFrequencies(16, { theta: 10_000, scaling })];

test('frequencies are powers of theta', () => {
  frequencies(null).forEach((frequency, i) => expect(frequency).toBeCloseTo(10_000 ** (-i / 8), 6));
});

test('linear scaling divides every frequency', () => {
  const plain = frequencies(null);
  frequencies({ type: 'linear', factor: 4 }).forEach((frequency, i) => expect(frequency).toBeCloseTo(plain[i]! / 4, 7));
});

test('llama3 scaling keeps the fast ones, divides the slow ones, and blends between', () => {
  const scaling = { factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositionEmbeddings: 32 };
  // Transformers 5.23: ROPE_INIT_FUNCTIONS['llama3'] with head_dim 16, theta 10000 and these settings.
  const expected = [
    1, 0.0958399772644043, 0.012500000186, 0.003952847328, 0.00125, 0.000395284733, 0.000125, 3.952847328e-5,
  ];
  frequencies({ type: 'llama3', ...scaling }).forEach((frequency, i) =>
    expect(Math.abs(frequency / expected[i]! - 1)).toBeLessThan(1e-6),
  );
});
