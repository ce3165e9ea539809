import { VerdictCounts, type RuleReport } from '@hone/contracts';

/** The sums of two reports of a rule; figures of pairs are told of what goes into the dataset. */
export function addReports(one: RuleReport | undefined, other: RuleReport): RuleReport {
  if (!one) return other;
  const sum = (field: 'problems' | 'problemsUsed' | 'problemsAllRight' | 'problemsAllWrong' | 'problemsEmpty') =>
    one[field] + other[field];
  return {
    ...one,
    problems: sum('problems'),
    problemsUsed: sum('problemsUsed'),
    problemsAllRight: sum('problemsAllRight'),
    problemsAllWrong: sum('problemsAllWrong'),
    problemsEmpty: sum('problemsEmpty'),
    completions: added(one.completions, other.completions),
    dropped: addedByName(one.dropped, other.dropped),
  };
}

function added(one = VerdictCounts.fromPartial({}), other = VerdictCounts.fromPartial({})): VerdictCounts {
  return {
    correct: one.correct + other.correct,
    wrong: one.wrong + other.wrong,
    unscorable: one.unscorable + other.unscorable,
    truncated: one.truncated + other.truncated,
    error: one.error + other.error,
  };
}

function addedByName(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(names.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}
