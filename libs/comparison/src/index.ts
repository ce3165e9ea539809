/** Methods beside each other: what a comparison's file says, paired tests over seeds, findings, and how all of it is told. */
export { checkFindings, FINDING_KINDS, type CheckedFinding, type Finding } from './findings/index.ts';
export type { FindingKind, Measurements, Verdict } from './findings/finding.ts';
export type { At, MeasuredIteration, MeasuredRun, Moved, PairLogProbs, RunEnd } from './measured.ts';
export { pairedTest, type PairedTest, type Side } from './paired-test.ts';
export { comparisonDocument } from './report/document.ts';
export { plotsOf, plotSvg } from './report/plots.ts';
export { pngOf } from './report/png.ts';
export { accuracyTable, costTable, runsTable, testsTable, unfinishedLines, type Table } from './report/tables.ts';
export { compare, type ComparisonResult, type MethodIteration, type MethodResult } from './result.ts';
export { namedInComparison, plannedRuns, type PlannedRun } from './run-documents.ts';
export { comparisonKeys, readComparison, type Comparison } from './spec.ts';
export { spreadOf, type Spread } from './spread.ts';
