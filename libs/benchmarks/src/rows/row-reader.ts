import type { Row } from './row.ts';
import type { Problem } from '../problems/problem.ts';
import type { PromptStyle } from '../problems/prompts.ts';

/** How a row of a file becomes a problem. Published sets have a few rows without a gold answer: those are no problem. */
export type RowReader = (row: Row, index: number, style: PromptStyle) => Problem | undefined;
