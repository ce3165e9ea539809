/** Accuracies with intervals, votes, paired tests, and the seeded random numbers that everything draws from. */
export { agreementOf, type Agreement } from './agreement.ts';
export { binomialLowerTail, binomialProbability, binomialUpperTail } from './binomial.ts';
export { BOOTSTRAP_RESAMPLES, bootstrapBca, bootstrapPercentile, type BootstrapOptions } from './bootstrap.ts';
export {
  compareOutcomes,
  type CompareOptions,
  type Comparison,
  type MeasuredDifference,
  type ProblemOutcome,
} from './compare.ts';
export { majorityAccuracy, majorityAtK, type MajorityAtK, type MajorityOptions, type Vote } from './majority.ts';
export { meanOf } from './mean.ts';
export { normalCdf, normalQuantile } from './normal.ts';
export { mcNemar, pairedDifference, type McNemar, type PairedDifference } from './paired.ts';
export { passAtK } from './pass-at-k.ts';
export {
  clopperPearson,
  CONFIDENCE,
  proportion,
  wilson,
  wilsonCorrected,
  type Interval,
  type Proportion,
} from './proportion.ts';
export { Random } from './random.ts';
export { seedFor } from './seed.ts';
