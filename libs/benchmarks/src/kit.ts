/** What a benchmark is made of. */
export { defineBenchmark, jsonLines, under, type Benchmark, type RowProblem, type Split } from './benchmark.ts';
export { ASK, type Template } from './problems/prompts.ts';
export { readChoices } from './rows/choices.ts';
export { optionalText, textField, type Row } from './rows/row.ts';
