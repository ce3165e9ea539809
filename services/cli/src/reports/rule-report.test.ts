import { messageOf, RuleReport } from '@hone/contracts';
import { expect, test } from 'vitest';
import { ruleReportDocument, ruleReportText } from './rule-report.ts';

const REPORT = messageOf(RuleReport, {
  ...{ rule: 'combine/1', problems: 8, problemsUsed: 5, problemsAllRight: 1, problemsAllWrong: 2, pairs: 12 },
  completions: { correct: 3, wrong: 4 },
  dropped: { duplicates: 3, over_most: 1, ties: 0 },
  ...{ meanChosenTokens: 10, meanRejectedTokens: 12.5 },
  pairsByRule: { cycle: 10, 'gold-chains': 2 },
});

test('a report tells the yield, problems without a side, pairs by rule, lengths and what was left out', () => {
  expect(ruleReportText(REPORT)).toBe(
    'yield 62.5 % of 8 problems (1 all right, 2 all wrong); 12 pairs (10 cycle, 2 gold-chains), mean tokens 10.0 over 12.5; ' +
      'left out: 3 duplicates, 1 over most',
  );
  expect(ruleReportDocument(REPORT)).toMatchObject({
    ...{ rule: 'combine/1', problems: 8, problems_used: 5, yield: 0.625, pairs: 12 },
    ...{ problems_all_right: 1, problems_all_wrong: 2, mean_rejected_tokens: 12.5 },
    pairs_by_rule: { cycle: 10, 'gold-chains': 2 },
  });
});

test('a report of nothing has a yield of 0', () => {
  expect(ruleReportText(messageOf(RuleReport, { rule: 'right-samples/1' }))).toBe(
    'yield 0.0 % of 0 problems; 0 examples',
  );
});
