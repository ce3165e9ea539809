/** Rows on their way to training: judged completions as they are stored, and datasets as they are checked and stored. */
export { badRule, checkedAnswers } from './check-answers.ts';
export { judgedProblems, type JudgedRows } from './judged-problems.ts';
export { KeptRecords } from './kept-records.ts';
export { groupOf, NO_SAMPLE, replayed, sampleExample, solutionExample, type ChosenPair } from './make-records.ts';
export { PairFigures } from './pair-figures.ts';
export { checkExample, checkGroup, isText, kindOfExample, kindOfGroup, type ContentKind } from './record-rules.ts';
export { storeDataset, type TrainingRecord } from './store-dataset.ts';
export { uploadDataset } from './upload-dataset.ts';
export { uploadProblemSet } from './upload-problem-set.ts';
export { requireRows, ROWS_VERSION, rowsRefOf } from './rows-ref.ts';
