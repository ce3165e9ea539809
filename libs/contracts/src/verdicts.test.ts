import { expect, test } from 'vitest';
import { Verdict, VerdictCounts, VerdictState } from './index.ts';
import { countVerdict, isRight } from './verdicts.ts';

const verdict = (state: VerdictState, score = 0): Verdict => Verdict.fromPartial({ state, score });

test('only the full score of a scored completion is right', () => {
  expect(isRight(verdict(VerdictState.SCORED, 1))).toBe(true);
  expect(isRight(verdict(VerdictState.SCORED, 0.9))).toBe(false);
  expect(isRight(verdict(VerdictState.ERROR, 1))).toBe(false);
});

test('every verdict counts once, and an error is not a wrong answer', () => {
  const counts = VerdictCounts.fromPartial({});
  const all = [VerdictState.UNSCORABLE, VerdictState.TRUNCATED, VerdictState.ERROR].map((state) => verdict(state));
  for (const each of [...all, verdict(VerdictState.SCORED, 1), verdict(VerdictState.SCORED, 0)])
    countVerdict(counts, each);
  expect(counts).toEqual({ correct: 1, wrong: 1, unscorable: 1, truncated: 1, error: 1 });
});
