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
import type { OperationRegistry, Reach, ServiceOptions } from '@hone/rpc';
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
  readonly operations: OperationRegistry;
  readonly logger: ServiceOptions['logger'];
}

/** The RPC that starts an evaluation. */
export function evaluateWith(options: EvaluateOptions) {
  return async (request: EvaluateRequest): Promise<Operation> => {
    const identity = identify(EvaluateRequest, request);
    const known = options.operations.known(identity);
    if (known) return known;
    const checked = checkEvaluateRequest(request);
    checkReach(request.scorer!, 'scorer', options.reach);
    if (!(await options.store.hasJsonLines(checked.problemSetDigest))) {
      throw notFound(request.problemSet, 'upload it with UploadProblemSet first');
    }
    return options.operations.start({
      request: identity,
      metadata: EvaluateMetadata,
      response: Evaluation,
      typeNames: { metadata: 'hone.evaluator.v1.EvaluateMetadata', response: 'hone.evaluator.v1.Evaluation' },
      work: (operation) => runEvaluation(request, checked, operation, options),
    });
  };
}
