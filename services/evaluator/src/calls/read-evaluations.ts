import type { ArtifactStore } from '@hone/artifacts';
import type { Evaluation, GetEvaluationRequest, ListOutcomesRequest, ListOutcomesResponse } from '@hone/contracts';
import { openEvaluation } from '../evaluation/stored-evaluations.ts';

/** The RPC that answers with a finished evaluation. */
export function getEvaluationFrom(store: ArtifactStore) {
  return async ({ name }: GetEvaluationRequest): Promise<Evaluation> => {
    const { evaluation, outcomes } = await openEvaluation(store, name, 'name');
    await outcomes.return();
    return evaluation;
  };
}

/** The RPC that streams what became of each problem. */
export function listOutcomesFrom(store: ArtifactStore) {
  return async function* ({ evaluation }: ListOutcomesRequest): AsyncGenerator<ListOutcomesResponse, void, undefined> {
    const { outcomes } = await openEvaluation(store, evaluation, 'evaluation');
    yield* outcomes;
  };
}
