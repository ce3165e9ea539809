/** What was measured of checkpoints: recording and listing it. */
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
import type { RegistryContext } from './context.ts';
import { getCheckpointRow } from './rows/checkpoints.ts';
import { insertEvaluation, readEvaluations } from './rows/evaluations.ts';

const MAX_BENCHMARK_CHARS = 200;

/** Records an evaluation of the store. What was measured is read from the store, not from the request: nobody can claim what was not. */
export async function recordEvaluation(
  { database, store }: RegistryContext,
  { evaluation: name, benchmark }: RecordEvaluationRequest,
): Promise<RecordedEvaluation> {
  if (benchmark.length > MAX_BENCHMARK_CHARS)
    throw invalidArgument('benchmark', `must be at most ${MAX_BENCHMARK_CHARS} characters`);
  const measured = await readEvaluation(store, name);
  await getCheckpointRow(database, measured.checkpoint, 'evaluation.checkpoint');
  return insertEvaluation(database, measured, benchmark);
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

/** A page of what was measured of a checkpoint, the newest first. */
export async function listEvaluations(
  database: Database,
  request: ListEvaluationsRequest,
): Promise<ListEvaluationsResponse> {
  const { digest } = await getCheckpointRow(database, request.checkpoint, 'checkpoint');
  return readEvaluations(database, request, digest);
}
