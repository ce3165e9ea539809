import { describe, expect, test } from 'vitest';
import { exampleParts, preferenceParts, type BatchPart } from './batch.ts';
import type { PreferenceGroup } from '../types.ts';

const LOSS = { nllAlpha: 1, nllReduction: 'SEQUENCE_MEAN' } as const;

/** A problem whose first completion is preferred to each other one. */
const group = (promptLength: number, completionLengths: readonly number[]): PreferenceGroup => ({
  problemId: `${promptLength}: ${completionLengths.join()}`,
  promptTokenIds: new Int32Array(promptLength).fill(3),
  completions: completionLengths.map((length) => ({
    tokenIds: new Int32Array(length).fill(4),
    referenceLogProb: -length,
  })),
  pairs: completionLengths.slice(1).map((_, i) => ({ chosen: 0, rejected: i + 1 })),
});
const groups = [group(4, [10, 3, 9]), group(6, [40, 35, 38]), group(5, [12, 11])];
const whole = groups.map((item) => ({ group: item, items: item.pairs }));

/** Lengths of a part's rows, longest first. */
const lengths = ({ rows }: BatchPart): number[] =>
  rows.map(({ completionTokenIds }) => completionTokenIds.length).sort((a, b) => b - a);

describe('parts of a preference batch', () => {
  test('hold completions of like length, each once, within the limit', () => {
    // One prompt of 6 and three rows of 40 fill the first; two prompts and five rows of at most 12 the second.
    const parts = preferenceParts(whole, LOSS, 126);
    expect(parts.map(lengths)).toEqual([
      [40, 38, 35],
      [12, 11, 10, 9, 3],
    ]);
  });

  test('are one where all fits, and one for each pair where nothing does', () => {
    expect(preferenceParts(whole, LOSS, 1e9)).toHaveLength(1);
    expect(preferenceParts(whole, LOSS, 1).map(({ rows }) => rows.length)).toEqual([2, 2, 2, 2, 2]);
  });

  test("carry the whole batch's weights, however they are cut", () => {
    for (const limit of [1, 126, 1e9]) {
      const parts = preferenceParts(whole, LOSS, limit);
      const pairs = parts.flatMap((part) => part.pairs);
      expect(pairs.map(({ weight }) => weight)).toEqual(Array(5).fill(1 / 5));
      const weighted = parts.flatMap(({ rows }) => rows.map((row) => row.nllWeight * row.completionTokenIds.length));
      // Five chosen completions, one a pair, each the mean over its tokens.
      expect(weighted.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
    }
  });
});

test('parts of demonstrations hold sequences of like length within the limit', () => {
  const examples = [5, 30, 6, 28].map((length) => ({
    promptTokenIds: Int32Array.of(3, 3),
    completionTokenIds: new Int32Array(length).fill(4),
  }));
  expect(exampleParts(examples, 'TOKEN_MEAN', 64).map(lengths)).toEqual([
    [30, 28],
    [6, 5],
  ]);
});
