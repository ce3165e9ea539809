/** The RPC that compares two evaluations problem by problem. */
import type { ArtifactStore } from '@hone/artifacts';
import {
  VerdictState,
  type CompareEvaluationsRequest,
  type CompareEvaluationsResponse,
  type ListOutcomesResponse,
  type Outcome,
} from '@hone/contracts';
import { compareOutcomes, type ProblemOutcome } from '@hone/statistics';
import { voteOf } from './measures.ts';
import { openEvaluation } from './stored-evaluations.ts';

const isMeasured = ({ state }: Outcome): boolean => state !== VerdictState.ERROR;

const problemOutcome = ({ problemId, greedy, votes }: ListOutcomesResponse): ProblemOutcome => ({
  id: problemId,
  greedy: greedy && isMeasured(greedy) ? greedy.right : undefined,
  votes: votes.filter(isMeasured).map(voteOf),
});

export function compareEvaluationsIn(store: ArtifactStore) {
  return async ({ first, second, seed }: CompareEvaluationsRequest): Promise<CompareEvaluationsResponse> => {
    const [one, other] = [await openEvaluation(store, first, 'first'), await openEvaluation(store, second, 'second')];
    const read = async ({ outcomes }: typeof one): Promise<ProblemOutcome[]> => {
      const rows: ProblemOutcome[] = [];
      for await (const row of outcomes) rows.push(problemOutcome(row));
      return rows;
    };
    const k = one.evaluation.majority?.k ?? 0;
    const { differences, mcNemar } = compareOutcomes(await read(one), await read(other), { k, seed });
    return { differences: differences.map(({ interval, ...rest }) => ({ ...rest, ...interval })), mcnemar: mcNemar };
  };
}
