import { digestOfName, type EvaluateRequest, type MajoritySpec, type SamplingParams } from '@hone/contracts';
import { invalidArgument, invalidArguments, type FieldViolation } from '@hone/errors';

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
  const violations: FieldViolation[] = [];
  const require = (holds: boolean, field: string, description: string): void => {
    if (!holds) violations.push({ field, description });
  };
  require(spec.maxTokens >= 1, 'spec.max_tokens', `must be at least 1, but is ${spec.maxTokens}`);
  require(spec.limit >= 0, 'spec.limit', `must be at least 0, but is ${spec.limit}`);
  const votes = spec.majority?.k ?? 0;
  require(votes >= 0, 'spec.majority.k', `must be at least 0, but is ${votes}`);
  require(spec.greedy || votes !== 0, 'spec', 'must ask for greedy accuracy, majority voting or both');
  if (spec.majority && votes > 0) checkVoting(spec.majority, require);
  if (violations.length > 0) throw invalidArguments(violations);
  return {
    checkpoint: request.checkpoint,
    problemSetDigest,
    scorerName: request.scorer.name,
    limit: spec.limit > 0 ? spec.limit : Number.POSITIVE_INFINITY,
    greedy: spec.greedy ? { n: 1, sampling: greedySampling(spec.maxTokens) } : undefined,
    majority: spec.majority && votes > 0 ? votingPass(spec.majority, spec.maxTokens) : undefined,
  };
}

function checkVoting(
  { sampling }: MajoritySpec,
  require: (holds: boolean, field: string, description: string) => void,
): void {
  const path = 'spec.majority.sampling';
  if (!sampling) {
    require(false, path, 'must be set');
    return;
  }
  const { temperature, topK, topP, maxTokens } = sampling;
  const warm = Number.isFinite(temperature) && temperature > 0;
  require(warm, `${path}.temperature`, `must be above 0, or all votes are the same, but is ${temperature}`);
  require(topK >= 0, `${path}.top_k`, `must be at least 0, but is ${topK}`);
  require(topP >= 0 && topP <= 1, `${path}.top_p`, `must be above 0 and at most 1, but is ${topP}`);
  require(maxTokens >= 0, `${path}.max_tokens`, `must be at least 0, but is ${maxTokens}`);
}

function greedySampling(maxTokens: number): SamplingParams {
  return { temperature: 0, topK: 0, topP: 1, maxTokens, ignoreEos: false };
}

function votingPass({ k, sampling }: MajoritySpec, maxTokens: number): Pass {
  return { n: k, sampling: { ...sampling!, maxTokens: sampling!.maxTokens || maxTokens } };
}
