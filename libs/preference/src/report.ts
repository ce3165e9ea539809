import { CYCLE_RULE, type Dropped, type JudgedCompletion, type ProblemPairs } from './cycle-rule.ts';

/** What became of all problems and completions. Every completion is in exactly one of the counts by verdict. */
export interface PairReport {
  readonly rule: string;
  problems: number;
  problemsWithPairs: number;
  /** Skipped: no completion could lose. */
  problemsAllRight: number;
  /** Skipped: no completion could win. */
  problemsAllWrong: number;
  /** Skipped: nothing usable was left. */
  problemsEmpty: number;
  readonly completions: { correct: number; wrong: number; unscorable: number; truncated: number; error: number };
  readonly dropped: Dropped;
  pairs: number;
}

export function emptyReport(): PairReport {
  return {
    rule: CYCLE_RULE,
    problems: 0,
    problemsWithPairs: 0,
    problemsAllRight: 0,
    problemsAllWrong: 0,
    problemsEmpty: 0,
    completions: { correct: 0, wrong: 0, unscorable: 0, truncated: 0, error: 0 },
    dropped: { duplicates: 0, truncated: 0, unscorable: 0, errors: 0, ties: 0 },
    pairs: 0,
  };
}

function verdictOf({ state, score }: JudgedCompletion): keyof PairReport['completions'] {
  if (state === 'SCORED') return score >= 1 ? 'correct' : 'wrong';
  return state === 'UNSCORABLE' ? 'unscorable' : state === 'TRUNCATED' ? 'truncated' : 'error';
}

/** Adds a problem to the report. */
export function addToReport(report: PairReport, completions: readonly JudgedCompletion[], result: ProblemPairs): void {
  report.problems += 1;
  for (const completion of completions) report.completions[verdictOf(completion)] += 1;
  for (const reason of Object.keys(report.dropped) as (keyof Dropped)[])
    report.dropped[reason] += result.dropped[reason];
  report.pairs += result.pairs.length;
  if (result.pairs.length > 0) report.problemsWithPairs += 1;
  else if (result.winners === 0 && result.losers === 0) report.problemsEmpty += 1;
  else if (result.losers === 0) report.problemsAllRight += 1;
  else if (result.winners === 0) report.problemsAllWrong += 1;
  else report.problemsEmpty += 1;
}
