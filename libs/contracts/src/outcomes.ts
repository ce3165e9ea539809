/** Outcomes of an evaluation as they are voted on and compared. */
import type { ListOutcomesResponse, Outcome } from './generated/hone/evaluator/v1/evaluator.ts';
import { VerdictState } from './generated/hone/types/v1/verdict.ts';

/** Only an answer that the scorer could read votes. Evaluations of before voted by the answer's text. */
export const voteOf = ({
  vote,
  answer,
  right,
}: Outcome): { readonly answer: string | null; readonly right: boolean } => ({
  answer: vote || answer || null,
  right,
});

const isMeasured = ({ state }: Outcome): boolean => state !== VerdictState.ERROR;

/** A problem's completions without those on which the scorer failed; `greedy` is undefined where it was not measured. */
export const measuredOutcomes = ({ problemId, greedy, votes }: ListOutcomesResponse) => ({
  id: problemId,
  greedy: greedy && isMeasured(greedy) ? greedy.right : undefined,
  votes: votes.filter(isMeasured).map(voteOf),
});
