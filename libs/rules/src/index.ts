/** Dataset rules: each a file of its own under rules/, listed in the registry, and the report of what they left out. */
export { findRule, RULES } from './registry.ts';
export { addToReport, emptyReport, type Report } from './report.ts';
export {
  defineRule,
  type Advantage,
  type Demonstration,
  type Dropped,
  type JudgedComparison,
  type JudgedCompletion,
  type JudgedProblem,
  type Needs,
  type Outcome,
  type Pair,
  type Rule,
  type Skipped,
} from './rule.ts';
