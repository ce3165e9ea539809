import type { JudgedCompletion, JudgedProblem, Outcome, Rule } from './rule.ts';
import { versionedName } from '@hone/settings';

/** What became of all problems and completions. Every completion is in exactly one of the counts by verdict. */
export interface Report {
  readonly rule: string;
  problems: number;
  /** Problems that gave pairs or examples. */
  problemsUsed: number;
  /** Skipped: every usable completion was right. */
  problemsAllRight: number;
  /** Skipped: none was right. */
  problemsAllWrong: number;
  /** Skipped: nothing usable was left. */
  problemsEmpty: number;
  readonly completions: { correct: number; wrong: number; unscorable: number; truncated: number; error: number };
  /** By the reason; only reasons that occurred. */
  readonly dropped: Record<string, number>;
  pairs: number;
  /** With advantages or without. */
  examples: number;
}

export function emptyReport(rule: Pick<Rule, 'name' | 'version'>): Report {
  return {
    rule: versionedName(rule),
    problems: 0,
    problemsUsed: 0,
    problemsAllRight: 0,
    problemsAllWrong: 0,
    problemsEmpty: 0,
    completions: { correct: 0, wrong: 0, unscorable: 0, truncated: 0, error: 0 },
    dropped: {},
    pairs: 0,
    examples: 0,
  };
}

function verdictOf({ state, score }: JudgedCompletion): keyof Report['completions'] {
  if (state === 'SCORED') return score >= 1 ? 'correct' : 'wrong';
  return state === 'UNSCORABLE' ? 'unscorable' : state === 'TRUNCATED' ? 'truncated' : 'error';
}

const SKIPPED = { 'all right': 'problemsAllRight', 'all wrong': 'problemsAllWrong', empty: 'problemsEmpty' } as const;

/** Adds a problem to the report. */
export function addToReport(report: Report, { completions }: JudgedProblem, outcome: Outcome): void {
  const { pairs = [], dropped, skipped = 'empty' } = outcome;
  const examples = outcome.examples ?? outcome.advantages ?? [];
  report.problems += 1;
  for (const completion of completions.filter(({ state }) => state !== 'UNJUDGED'))
    report.completions[verdictOf(completion)] += 1;
  for (const [reason, count] of Object.entries(dropped))
    if (count > 0) report.dropped[reason] = (report.dropped[reason] ?? 0) + count;
  report.pairs += pairs.length;
  report.examples += examples.length;
  if (pairs.length + examples.length > 0) report.problemsUsed += 1;
  else report[SKIPPED[skipped]] += 1;
}
