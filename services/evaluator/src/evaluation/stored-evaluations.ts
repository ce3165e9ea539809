/** Finished evaluations in the store: the evaluation, then a row for each problem. */
import type { ArtifactStore } from '@hone/artifacts';
import { digestOfName, Evaluation, ListOutcomesResponse, nameOfDigest } from '@hone/contracts';
import { notFound } from '@hone/errors';
import type { Survey } from './problem-source.ts';
import type { Tally } from './tally.ts';

/**
 * Stores what was measured. Times are left out, so that the same evaluation has the same name whenever it is made.
 */
export async function storeEvaluation(
  store: ArtifactStore,
  measured: Evaluation,
  { ids, subjects, levels }: Survey,
  { greedy, majority }: { greedy: Tally | undefined; majority: Tally | undefined },
): Promise<string> {
  function* rows(): Generator<object> {
    yield Evaluation.toJSON(measured) as object;
    for (const [index, problemId] of ids.entries()) {
      const row = {
        problemId,
        greedy: greedy?.byProblem[index]?.[0],
        votes: [...(majority?.byProblem[index] ?? [])],
        subject: subjects[index]!,
        level: levels[index]!,
      };
      yield ListOutcomesResponse.toJSON(row) as object;
    }
  }
  const { digest } = await store.putJsonLines(rows());
  return nameOfDigest('evaluations', digest);
}

/** A stored evaluation and its rows; `field` names the request's field that holds the name. */
export async function openEvaluation(
  store: ArtifactStore,
  name: string,
  field: string,
): Promise<{ evaluation: Evaluation; outcomes: AsyncGenerator<ListOutcomesResponse, void, undefined> }> {
  const digest = digestOfName('evaluations', name, field);
  if (!(await store.hasJsonLines(digest))) throw notFound(name, 'no such evaluation is in this store');
  const rows = store.readJsonLines<unknown>(digest);
  const first = await rows.next();
  async function* outcomes(): AsyncGenerator<ListOutcomesResponse, void, undefined> {
    for await (const row of rows) yield ListOutcomesResponse.fromJSON(row);
  }
  return { evaluation: { ...Evaluation.fromJSON(first.value), name }, outcomes: outcomes() };
}
