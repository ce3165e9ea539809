/** Rules that make preference pairs from judged completions, and the report of what they left out. */
export {
  CYCLE_RULE,
  cyclePairs,
  validatePairOptions,
  type Dropped,
  type JudgedCompletion,
  type Pair,
  type PairOptions,
  type ProblemPairs,
} from './cycle-rule.ts';
export { addToReport, emptyReport, type PairReport } from './report.ts';
