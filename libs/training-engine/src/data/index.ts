/** Stored datasets as token ids, and models into the store: for processes that compute, since tokenizers may take any time. */
export { ExampleTokenizer } from './example-tokenizer.ts';
export { storeAdapter, storeCheckpoint } from './store-checkpoint.ts';
export {
  readExamples,
  readGroups,
  readLabelled,
  type DataLimits,
  type DataSource,
  type TrainingData,
} from './training-data.ts';
