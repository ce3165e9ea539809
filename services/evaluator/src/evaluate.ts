import type { ArtifactStore } from '@hone/artifacts';
import {
  EvaluateMetadata,
  EvaluateRequest,
  Evaluation,
  type Operation,
  type SamplerServiceClient,
} from '@hone/contracts';
import { notFound } from '@hone/errors';
import { identify } from '@hone/listing';
import type { OperationKind, OperationRegistry, Reach, ServiceOptions } from '@hone/rpc';
import { checkReach } from '@hone/scoring';
import { runEvaluation } from './evaluation.ts';
import { checkEvaluateRequest } from './request-rules.ts';

/** What the RPC needs beside the request. */
export interface EvaluateOptions {
  readonly store: ArtifactStore;
  /** Where the store lies; running evaluations keep their journals in it. */
  readonly storeDir: string;
  readonly sampler: SamplerServiceClient;
  /** The deployment's own scorer, for requests that name no other. */
  readonly scorerAddress: string;
  /** Other scorers that requests may name. */
  readonly reach: Reach;
  readonly logger: ServiceOptions['logger'];
  /** Resolves when sampler and scorer serve, or nobody may wait for them any longer: services that start together are not up together. */
  peersServing(signal: AbortSignal): Promise<void>;
}

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
    checkReach(request.scorer!, 'scorer', options.reach);
    if (!(await options.store.hasJsonLines(checked.problemSetDigest))) {
      throw notFound(request.problemSet, 'upload it with UploadService.UploadProblemSet first');
    }
    return operations.start(evaluation, request, identity);
  };
}
