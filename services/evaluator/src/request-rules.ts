import {
  checkEvaluationSpec,
  digestOfName,
  Violations,
  type EvaluateRequest,
  type MajoritySpec,
  SamplingParams,
} from '@hone/contracts';
import { invalidArgument } from '@hone/errors';

/** What one pass over the problems draws. */
export interface Pass {
  /** Completions a problem. */
  readonly n: number;
  readonly sampling: SamplingParams;
}

/** An evaluation request whose every field was checked. */
export interface CheckedRequest {
  readonly checkpoint: string;
  readonly problemSetDigest: string;
  readonly scorerName: string;
  /** Problems to use; Infinity means all. */
  readonly limit: number;
  readonly greedy: Pass | undefined;
  readonly majority: Pass | undefined;
}

/** Checks a request; every rule it breaks is named with its field. */
export function checkEvaluateRequest(request: EvaluateRequest): CheckedRequest {
  const { spec } = request;
  digestOfName('checkpoints', request.checkpoint, 'checkpoint');
  const problemSetDigest = digestOfName('problemSets', request.problemSet, 'problem_set');
  if (!request.scorer?.name) throw invalidArgument('scorer.name', 'must be the name of a scorer, for example "gsm8k"');
  if (!spec) throw invalidArgument('spec', 'must be set');
  const violations = new Violations();
  checkEvaluationSpec(spec, 'spec', violations);
  violations.throwIfAny();
  const votes = spec.majority?.k ?? 0;
  return {
    checkpoint: request.checkpoint,
    problemSetDigest,
    scorerName: request.scorer.name,
    limit: spec.limit > 0 ? spec.limit : Number.POSITIVE_INFINITY,
    greedy: spec.greedy ? { n: 1, sampling: greedySampling(spec.maxTokens) } : undefined,
    majority: spec.majority && votes > 0 ? votingPass(spec.majority, spec.maxTokens) : undefined,
  };
}

function greedySampling(maxTokens: number): SamplingParams {
  return SamplingParams.fromPartial({ temperature: 0, topP: 1, maxTokens });
}

function votingPass({ k, sampling }: MajoritySpec, maxTokens: number): Pass {
  return { n: k, sampling: { ...sampling!, maxTokens: sampling!.maxTokens || maxTokens } };
}
