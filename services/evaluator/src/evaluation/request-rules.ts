import {
  checkEvaluationSpec,
  checkScorerRef,
  checkServerRef,
  digestOfName,
  Violations,
  type EvaluateRequest,
  type EvaluationSpec,
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

/** A pass whose samples vote. */
export interface VotingPass extends Pass {
  /** Votes a problem. */
  readonly k: number;
  /** Where pass@k and maj@k are measured. */
  readonly ks: readonly number[];
}

/** An evaluation request whose every field was checked. */
export interface CheckedRequest {
  readonly checkpoint: string;
  readonly problemSetDigest: string;
  /** Problems to use; Infinity means all. */
  readonly limit: number;
  readonly greedy: Pass | undefined;
  readonly majority: VotingPass | undefined;
}

/** Checks a request; every rule it breaks is named with its field. */
export function checkEvaluateRequest(request: EvaluateRequest): CheckedRequest {
  const { spec } = request;
  digestOfName('checkpoints', request.checkpoint, 'checkpoint');
  const problemSetDigest = digestOfName('problemSets', request.problemSet, 'problem_set');
  if (!spec) throw invalidArgument('spec', 'must be set');
  const violations = new Violations();
  checkScorerRef(request.scorer, 'scorer', violations);
  if (request.sampler) checkServerRef(request.sampler, 'sampler', violations);
  checkEvaluationSpec(spec, 'spec', violations);
  violations.throwIfAny();
  const votes = spec.majority?.k ?? 0;
  return {
    checkpoint: request.checkpoint,
    problemSetDigest,
    limit: spec.limit > 0 ? spec.limit : Number.POSITIVE_INFINITY,
    greedy: spec.greedy ? { n: 1, sampling: greedySampling(spec) } : undefined,
    majority: spec.majority && votes > 0 ? votingPass(spec.majority, spec) : undefined,
  };
}

function greedySampling({ maxTokens, stop }: EvaluationSpec): SamplingParams {
  return SamplingParams.fromPartial({ temperature: 0, topP: 1, maxTokens, stop });
}

function votingPass({ k, samples, alsoAt, sampling }: MajoritySpec, { maxTokens, stop }: EvaluationSpec): VotingPass {
  const own = sampling!;
  return {
    n: samples || k,
    k,
    ks: [1, k, ...alsoAt],
    sampling: { ...own, maxTokens: own.maxTokens || maxTokens, stop: own.stop.length > 0 ? own.stop : stop },
  };
}
