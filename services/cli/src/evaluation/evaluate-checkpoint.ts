/** Has a checkpoint evaluated and gathers all that is known of the result. */
import {
  EvaluateMetadata,
  EvaluateRequest,
  Evaluation,
  ListOutcomesRequest,
  messageOf,
  OperationsClient,
  RecordEvaluationRequest,
  type ListOutcomesResponse,
  type PartialMessage,
} from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { awaitOperation, callServerStream, callUnary, connect } from '@hone/rpc';
import { onInterrupt, type Progress } from '@hone/terminal';
import { CREDENTIALS } from '../platform/deployment.ts';
import type { Clients } from '../platform/platform.ts';
import { resultDocument, type ResultDocument, type Subject } from './document.ts';

/** Evaluates; Ctrl-C stops it, and the same command goes on with it later. */
export async function evaluateCheckpoint(
  { evaluator, registry, addresses }: Clients,
  request: PartialMessage<EvaluateRequest>,
  subject: Subject,
  progress: Progress,
): Promise<ResultDocument> {
  const operations = connect(OperationsClient, addresses.evaluator, CREDENTIALS);
  const stopping = new AbortController();
  const release = onInterrupt(() => stopping.abort());
  try {
    progress.phase(`evaluate ${subject.model}`);
    const operation = await callUnary(evaluator, 'evaluate', messageOf(EvaluateRequest, request));
    const evaluation = await awaitOperation({
      ...{ client: operations, operation, response: Evaluation, metadata: EvaluateMetadata },
      onMetadata: ({ done, total }) => progress.update(done, total, 'completions'),
      signal: stopping.signal,
    });
    const benchmark = `${subject.benchmark} ${subject.split}`;
    const record = RecordEvaluationRequest.fromPartial({ evaluation: evaluation.name, benchmark });
    await callUnary(registry, 'recordEvaluation', record);
    const outcomes: ListOutcomesResponse[] = [];
    const rows = ListOutcomesRequest.fromPartial({ evaluation: evaluation.name });
    for await (const row of callServerStream(evaluator, 'listOutcomes', rows)) outcomes.push(row);
    return resultDocument(subject, evaluation, outcomes);
  } catch (thrown) {
    if (!stopping.signal.aborted) throw thrown;
    const message = 'stopped; the same command goes on with what was sampled and scored';
    throw new HoneError({ code: 'CANCELLED', reason: 'EVALUATION_STOPPED', message });
  } finally {
    progress.stop();
    release();
    operations.close();
  }
}
