import type { EvaluationSpec, MajoritySpec } from '../generated/hone/evaluator/v1/evaluator.ts';
import type { SamplingParams } from '../generated/hone/types/v1/sampling.ts';
import { LIMITS } from '@hone/limits';
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
  violations.within(topK, 0, LIMITS.tokens, `${path}.top_k`, '0 keeps all');
  violations.require(topP >= 0 && topP <= 1, `${path}.top_p`, 'must be above 0 and at most 1 (0 is read as 1)', topP);
  violations.within(maxTokens, 1, LIMITS.tokens, `${path}.max_tokens`);
  const range = temperature === 0 || !(temperature > 0) || (temperature >= 1e-3 && temperature <= LIMITS.temperature);
  violations.require(
    range,
    `${path}.temperature`,
    `must be 0 (greedy) or from 0.001 to ${LIMITS.temperature}`,
    temperature,
  );
  checkStops(sampling.stop, `${path}.stop`, violations);
  const { stopTokenIds: ids } = sampling;
  const few = ids.length <= LIMITS.stopTokenIds;
  violations.require(few, `${path}.stop_token_ids`, `must be at most ${LIMITS.stopTokenIds}`, ids.length);
  const negative = ids.find((id) => id < 0);
  violations.require(negative === undefined, `${path}.stop_token_ids`, 'must be at least 0', negative);
}

function checkStops(stops: readonly string[], path: string, violations: Violations): void {
  violations.require(stops.length <= LIMITS.stopTexts, path, `must be at most ${LIMITS.stopTexts} texts`, stops.length);
  for (const stop of stops.slice(0, LIMITS.stopTexts)) violations.atMost(stop, LIMITS.stopTextChars, path);
  violations.require(!stops.includes(''), path, 'must not hold an empty text');
}

/** Checks what an evaluation is to measure; `path` is the field that holds the spec. */
export function checkEvaluationSpec(spec: EvaluationSpec | undefined, path: string, violations: Violations): void {
  if (!spec) {
    violations.require(false, path, 'must be set');
    return;
  }
  violations.within(spec.maxTokens, 1, LIMITS.tokens, `${path}.max_tokens`);
  violations.require(spec.limit >= 0, `${path}.limit`, 'must be at least 0', spec.limit);
  checkStops(spec.stop, `${path}.stop`, violations);
  const votes = spec.majority?.k ?? 0;
  violations.within(votes, 0, LIMITS.samplesPerProblem, `${path}.majority.k`, '0 means no voting');
  violations.require(spec.greedy || votes !== 0, path, 'must ask for greedy accuracy, majority voting or both');
  if (spec.majority && votes > 0) checkVoting(spec.majority, spec.maxTokens, `${path}.majority`, violations);
}

function checkVoting(voting: MajoritySpec, maxTokens: number, path: string, violations: Violations): void {
  const { k, samples, alsoAt, sampling } = voting;
  const enough = samples === 0 || (samples >= k && samples <= LIMITS.samplesPerProblem);
  const range = `must be from k (${k}) to ${LIMITS.samplesPerProblem}, or 0 for k`;
  violations.require(enough, `${path}.samples`, range, samples);
  const few = alsoAt.length <= LIMITS.alsoAt;
  violations.require(few, `${path}.also_at`, `must be at most ${LIMITS.alsoAt} numbers`, alsoAt.length);
  const beyond = alsoAt.find((other) => !(other >= 1 && other <= (samples || k)));
  violations.require(beyond === undefined, `${path}.also_at`, `must be from 1 to the ${samples || k} samples`, beyond);
  // Where the votes' limit is not said it is the evaluation's, whose own rule is checked already.
  const inherited = sampling?.maxTokens === 0 ? { ...sampling, maxTokens: Math.max(1, maxTokens) } : sampling;
  checkSampling(inherited, `${path}.sampling`, violations);
  const cold = sampling?.temperature === 0;
  violations.require(!cold, `${path}.sampling.temperature`, 'must be above 0, or all votes are the same', 0);
}
