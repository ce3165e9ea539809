/** Accuracies with intervals, votes, and the seeded random numbers that everything draws from. */
export { majorityAccuracy, passAtK, type Vote } from './majority.ts';
export { proportion, wilson, type Proportion } from './proportion.ts';
export { Random } from './random.ts';
export { seedFor } from './seed.ts';
