/** The report of a dataset rule, for people and for programs. */
import type { RuleReport } from '@hone/contracts';
import { oneLine } from '@hone/terminal';

/** Share of problems that gave something; 0 where there was none. */
const yieldOf = ({ problems, problemsUsed }: RuleReport): number => (problems === 0 ? 0 : problemsUsed / problems);

/** What became of problems and completions. */
export function ruleReportDocument(report: RuleReport) {
  const { rule, problems, completions, dropped, pairs, examples, settings, pairsByRule } = report;
  return {
    rule,
    ...(settings && { settings }),
    ...{ problems, problems_used: report.problemsUsed, yield: yieldOf(report) },
    // No winner in the one, no loser in the other.
    problems_all_right: report.problemsAllRight,
    problems_all_wrong: report.problemsAllWrong,
    problems_empty: report.problemsEmpty,
    ...(completions && { completions: { ...completions } }),
    ...{ dropped, pairs, examples },
    mean_chosen_tokens: report.meanChosenTokens,
    mean_rejected_tokens: report.meanRejectedTokens,
    ...(Object.keys(pairsByRule).length > 0 && { pairs_by_rule: pairsByRule }),
  };
}

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${oneLine(name.replaceAll('_', ' '))}`)
    .join(', ');

/** "yield 62.5 % of 8 problems (1 all right, 2 all wrong); 12 pairs, mean tokens 10.0 over 12.5; left out: 3 duplicates". */
export function ruleReportText(report: RuleReport): string {
  const { problems, pairs, examples, dropped, pairsByRule } = report;
  const skipped = listed({
    'all right': report.problemsAllRight,
    'all wrong': report.problemsAllWrong,
    empty: report.problemsEmpty,
  });
  const lengths = `mean tokens ${report.meanChosenTokens.toFixed(1)} over ${report.meanRejectedTokens.toFixed(1)}`;
  const by = listed(pairsByRule);
  const left = listed(dropped);
  return [
    `yield ${(100 * yieldOf(report)).toFixed(1)} % of ${problems} problems${skipped === '' ? '' : ` (${skipped})`}`,
    pairs > 0 ? `${pairs} pairs${by === '' ? '' : ` (${by})`}, ${lengths}` : `${examples} examples`,
    ...(left === '' ? [] : [`left out: ${left}`]),
  ].join('; ');
}
