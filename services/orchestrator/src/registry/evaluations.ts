/** RPCs on what was measured of checkpoints. */
import type { ArtifactStore } from '@hone/artifacts';
import {
  digestOfName,
  Evaluation,
  type ListEvaluationsRequest,
  type ListEvaluationsResponse,
  type RecordedEvaluation,
  type RecordEvaluationRequest,
} from '@hone/contracts';
import type { Database } from '@hone/database';
import { dataLoss, invalidArgument, notFound } from '@hone/errors';
import { getCheckpointRow } from '../database/checkpoints.ts';
import { listEvaluations, recordEvaluation } from '../database/evaluations.ts';

/** What these RPCs need. */
export interface EvaluationsOptions {
  readonly database: Database;
  readonly store: ArtifactStore;
}

const MAX_BENCHMARK_CHARS = 200;

/** RecordEvaluation. What was measured is read from the store, not from the request: nobody can claim what was not. */
export function recordEvaluationWith({ database, store }: EvaluationsOptions) {
  return async ({ evaluation: name, benchmark }: RecordEvaluationRequest): Promise<RecordedEvaluation> => {
    if (benchmark.length > MAX_BENCHMARK_CHARS)
      throw invalidArgument('benchmark', `must be at most ${MAX_BENCHMARK_CHARS} characters`);
    const measured = await readEvaluation(store, name);
    await getCheckpointRow(database, measured.checkpoint, 'evaluation.checkpoint');
    return recordEvaluation(database, measured, benchmark);
  };
}

async function readEvaluation(store: ArtifactStore, name: string): Promise<Evaluation> {
  const digest = digestOfName('evaluations', name, 'evaluation');
  if (!(await store.hasJsonLines(digest))) throw notFound(name, 'no such evaluation is in the store');
  const rows = store.readJsonLines<unknown>(digest);
  const { value } = await rows.next();
  await rows.return();
  const measured = Evaluation.fromJSON(value ?? {});
  // Any rows have a digest; an evaluation says what it is of.
  if (measured.checkpoint === '' || measured.problemSet === '') throw dataLoss(name, 'is no evaluation');
  return { ...measured, name };
}

/** ListEvaluations. */
export function listEvaluationsWith({ database }: EvaluationsOptions) {
  return async (request: ListEvaluationsRequest): Promise<ListEvaluationsResponse> => {
    const { digest } = await getCheckpointRow(database, request.checkpoint, 'checkpoint');
    return listEvaluations(database, request, digest);
  };
}
