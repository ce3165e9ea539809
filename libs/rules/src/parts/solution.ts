import type { JudgedCompletion, JudgedProblem } from '../rule.ts';

/** The problem's solution as a right completion, of which only the text is known. */
export const solutionOf = ({ solution, gold }: JudgedProblem): JudgedCompletion => ({
  tokenIds: new Int32Array(0),
  text: solution,
  state: 'SCORED',
  score: 1,
  answer: gold,
  truncated: false,
});
