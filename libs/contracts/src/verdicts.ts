/** What a verdict counts as: one rule for pairs and for accuracy. */
import type { VerdictCounts } from './generated/hone/types/v1/statistics.ts';
import { VerdictState, type Verdict } from './generated/hone/types/v1/verdict.ts';

/** Whether a completion is right: scored, and with the full score. A part of it is not enough to win or to count. */
export function isRight(verdict: Verdict): boolean {
  return verdict.state === VerdictState.SCORED && verdict.score >= 1;
}

/** Adds one verdict to the counts. */
export function countVerdict(counts: VerdictCounts, verdict: Verdict): void {
  switch (verdict.state) {
    case VerdictState.SCORED:
      if (isRight(verdict)) counts.correct += 1;
      else counts.wrong += 1;
      break;
    case VerdictState.UNSCORABLE:
      counts.unscorable += 1;
      break;
    case VerdictState.TRUNCATED:
      counts.truncated += 1;
      break;
    // An unknown state of a newer scorer is nothing that may count as an answer.
    case VerdictState.ERROR:
    case VerdictState.UNSPECIFIED:
      counts.error += 1;
  }
}
