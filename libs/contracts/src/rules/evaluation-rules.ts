import type { EvaluationSpec, MajoritySpec } from '../generated/hone/evaluator/v1/evaluator.ts';
import type { SamplingParams } from '../generated/hone/types/v1/sampling.ts';
import type { Violations } from './violations.ts';

/** Checks how completions are drawn; `path` is the field that holds the parameters. */
export function checkSampling(sampling: SamplingParams | undefined, path: string, violations: Violations): void {
  if (!sampling) {
    violations.require(false, path, 'must be set');
    return;
  }
  const { temperature, topK, topP, maxTokens } = sampling;
  const warmth = 'must be at least 0 (0 is greedy)';
  violations.require(Number.isFinite(temperature) && temperature >= 0, `${path}.temperature`, warmth, temperature);
  violations.require(topK >= 0, `${path}.top_k`, 'must be at least 0', topK);
  violations.require(topP >= 0 && topP <= 1, `${path}.top_p`, 'must be above 0 and at most 1 (0 is read as 1)', topP);
  violations.require(maxTokens >= 1, `${path}.max_tokens`, 'must be at least 1', maxTokens);
  const range = temperature === 0 || !(temperature > 0) || (temperature >= 1e-3 && temperature <= 1e3);
  violations.require(range, `${path}.temperature`, 'must be 0 (greedy) or from 0.001 to 1000', temperature);
  checkStops(sampling.stop, `${path}.stop`, violations);
  const negative = sampling.stopTokenIds.find((id) => id < 0);
  violations.require(negative === undefined, `${path}.stop_token_ids`, 'must be at least 0', negative);
}

const MOST_STOPS = 16;

function checkStops(stops: readonly string[], path: string, violations: Violations): void {
  violations.require(stops.length <= MOST_STOPS, path, `must be at most ${MOST_STOPS} texts`, stops.length);
  violations.require(!stops.includes(''), path, 'must not hold an empty text');
}

/** Checks what an evaluation is to measure; `path` is the field that holds the spec. */
export function checkEvaluationSpec(spec: EvaluationSpec | undefined, path: string, violations: Violations): void {
  if (!spec) {
    violations.require(false, path, 'must be set');
    return;
  }
  violations.require(spec.maxTokens >= 1, `${path}.max_tokens`, 'must be at least 1', spec.maxTokens);
  violations.require(spec.limit >= 0, `${path}.limit`, 'must be at least 0', spec.limit);
  checkStops(spec.stop, `${path}.stop`, violations);
  const votes = spec.majority?.k ?? 0;
  violations.require(votes >= 0, `${path}.majority.k`, 'must be at least 0', votes);
  violations.require(spec.greedy || votes !== 0, path, 'must ask for greedy accuracy, majority voting or both');
  if (spec.majority && votes > 0) checkVoting(spec.majority, spec.maxTokens, `${path}.majority`, violations);
}

function checkVoting(voting: MajoritySpec, maxTokens: number, path: string, violations: Violations): void {
  const { k, samples, alsoAt, sampling } = voting;
  const enough = samples === 0 || samples >= k;
  violations.require(enough, `${path}.samples`, `must be at least k (${k}), or 0 for k`, samples);
  const beyond = alsoAt.find((other) => other < 1 || other > (samples || k));
  violations.require(beyond === undefined, `${path}.also_at`, `must be from 1 to the ${samples || k} samples`, beyond);
  // Where the votes' limit is not said it is the evaluation's, whose own rule is checked already.
  const inherited = sampling?.maxTokens === 0 ? { ...sampling, maxTokens: Math.max(1, maxTokens) } : sampling;
  checkSampling(inherited, `${path}.sampling`, violations);
  const cold = sampling?.temperature === 0;
  violations.require(!cold, `${path}.sampling.temperature`, 'must be above 0, or all votes are the same', 0);
}
