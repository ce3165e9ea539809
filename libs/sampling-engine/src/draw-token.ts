import type { SamplingParams } from '@hone/decoding/requests';

/** A token and its log-prob. */
type Candidate = readonly [token: number, logProb: number];

/**
 * Draws a token for engines that have log-probs at hand: temperature, then top-k, then top-p, in the order of Hugging Face's generate,
 * then the inverse of the distribution function at `uniform`, from [0, 1). Temperature 0 takes the most probable, the first of equal
 * ones. `logProbs` [vocab] need not be normalised.
 */
export function drawToken(
  logProbs: Float32Array | Float64Array,
  { temperature, topK, topP }: Pick<SamplingParams, 'temperature' | 'topK' | 'topP'>,
  uniform: number,
): number {
  const all = Array.from(logProbs, (logProb, token): Candidate => [token, logProb]);
  all.sort(([a, left], [b, right]) => right - left || a - b);
  if (temperature === 0) return all[0]![0];
  const kept = topK > 0 ? all.slice(0, topK) : all;
  const weights = kept.map(([, logProb]) => Math.exp((logProb - kept[0]![1]) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let size = 0;
  for (let mass = 0; size < weights.length && mass < topP * total; size++) mass += weights[size]!;
  const nucleus = weights.slice(0, Math.max(1, size));
  let left = uniform * nucleus.reduce((sum, weight) => sum + weight, 0);
  const index = nucleus.findIndex((weight) => (left -= weight) < 0);
  return kept[index < 0 ? nucleus.length - 1 : index]![0];
}
