/** The RPC that compares two evaluations problem by problem. */
import type { ArtifactStore } from '@hone/artifacts';
import { measuredOutcomes, type CompareEvaluationsRequest, type CompareEvaluationsResponse } from '@hone/contracts';
import { compareOutcomes, type ProblemOutcome } from '@hone/statistics';
import { openEvaluation } from '../evaluation/stored-evaluations.ts';

export function compareEvaluationsIn(store: ArtifactStore) {
  return async ({ first, second, seed }: CompareEvaluationsRequest): Promise<CompareEvaluationsResponse> => {
    const [one, other] = [await openEvaluation(store, first, 'first'), await openEvaluation(store, second, 'second')];
    const read = async ({ outcomes }: typeof one): Promise<ProblemOutcome[]> => {
      const rows: ProblemOutcome[] = [];
      for await (const row of outcomes) rows.push(measuredOutcomes(row));
      return rows;
    };
    const k = one.evaluation.majority?.k ?? 0;
    const { differences, mcNemar } = compareOutcomes(await read(one), await read(other), { k, seed });
    return { differences: differences.map(({ interval, ...rest }) => ({ ...rest, ...interval })), mcnemar: mcNemar };
  };
}
