import { expect, test } from 'vitest';
import { GapMeter } from './log-prob-gap.ts';

test('a gap is the mean, 99th percentile and largest of the absolute differences', () => {
  const meter = new GapMeter();
  const sampled = Float32Array.from({ length: 1000 }, () => -1);
  const computed = Float32Array.from({ length: 1000 }, (_, index) =>
    index % 2 ? -1 - index / 1000 : -1 + index / 1000,
  );
  meter.add(sampled.subarray(0, 300), computed.subarray(0, 300));
  meter.add(sampled.subarray(300), computed.subarray(300));
  const { mean, p99, largest, tokens } = meter.gap!;
  expect(tokens).toBe(1000);
  expect(mean).toBeCloseTo(0.4995, 5);
  expect(largest).toBeCloseTo(0.999, 5);
  expect(p99 / 0.989).toBeGreaterThanOrEqual(0.9999);
  expect(p99 / 0.989).toBeLessThan(1.011);
});

test('equal log-probs have no gap, and nothing compared is no gap at all', () => {
  const meter = new GapMeter();
  expect(meter.gap).toBeUndefined();
  const logProbs = Float32Array.of(-1, -2);
  meter.add(logProbs, logProbs);
  expect(meter.gap).toEqual({ mean: 0, p99: 0, largest: 0, tokens: 2 });
});
