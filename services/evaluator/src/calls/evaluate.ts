import { EvaluateMetadata, EvaluateRequest, Evaluation, Violations, type Operation } from '@hone/contracts';
import { notFound } from '@hone/errors';
import { identify } from '@hone/listing';
import { noteUnreachable, type OperationKind, type OperationRegistry } from '@hone/rpc';
import { noteUnreachableScorers } from '@hone/scoring';
import type { EvaluateOptions } from '../evaluation/evaluate-options.ts';
import { runEvaluation } from '../evaluation/evaluation.ts';
import { checkEvaluateRequest } from '../evaluation/request-rules.ts';

type EvaluationKind = OperationKind<EvaluateRequest, EvaluateMetadata, Evaluation>;

/** Evaluations as operations: one that a process of this service left under way goes on from its journal. */
export function evaluationKind(options: EvaluateOptions): EvaluationKind {
  return {
    method: 'hone.evaluator.v1.EvaluatorService/Evaluate',
    request: EvaluateRequest,
    metadata: EvaluateMetadata,
    response: Evaluation,
    typeNames: { metadata: 'hone.evaluator.v1.EvaluateMetadata', response: 'hone.evaluator.v1.Evaluation' },
    progressOf: ({ done }) => done,
    work: async (request, operation) => {
      // What may be called may be another matter by now.
      checkNamed(request, options);
      if (operation.resumed) await options.peersServing(operation.signal);
      return runEvaluation(request, checkEvaluateRequest(request), operation, options);
    },
  };
}

/** The RPC that starts an evaluation. */
export function evaluateWith(
  options: EvaluateOptions,
  { operations, evaluation }: { readonly operations: OperationRegistry; readonly evaluation: EvaluationKind },
) {
  return async (request: EvaluateRequest): Promise<Operation> => {
    const identity = identify(EvaluateRequest, request);
    const known = await operations.known(identity);
    if (known) return known;
    const checked = checkEvaluateRequest(request);
    checkNamed(request, options);
    if (!(await options.store.hasJsonLines(checked.problemSetDigest))) {
      throw notFound(request.problemSet, 'upload it with UploadService.UploadProblemSet first');
    }
    return operations.start(evaluation, request, identity);
  };
}

/** Refuses servers that the operator has not listed. */
function checkNamed({ scorer, sampler }: EvaluateRequest, { reach, samplerReach }: EvaluateOptions): void {
  const violations = new Violations();
  noteUnreachableScorers(scorer!, 'scorer', reach, violations);
  if (sampler) noteUnreachable(sampler, 'sampler', samplerReach, violations);
  violations.throwIfAny();
}
