/** What people are asked: a durable queue of comparisons, and what they said. */
export { askItems, comparisonRows, withdrawOpen, type AskingStep, type NewItem } from './ask.ts';
export { comparisonsOf } from './comparisons.ts';
export { listFeedbackItems } from './items.ts';
export { skipItem, submitFeedback } from './judge.ts';
export { nextItem } from './next-item.ts';
export { finishedOf, getFeedbackProgress, progressOf } from './progress.ts';
