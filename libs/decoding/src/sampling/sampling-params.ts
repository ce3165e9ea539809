import { invalidArguments, type FieldViolation } from '@hone/errors';

/** How tokens are drawn: temperature, then top-k, then top-p, in the order of Hugging Face's generate. */
export interface SamplingParams {
  /** Softmax temperature; 0 is greedy decoding. */
  readonly temperature: number;
  /** Keep only the k most probable tokens; 0 keeps all. */
  readonly topK: number;
  /** Keep the smallest set of most probable tokens whose probability reaches topP, in (0, 1]. */
  readonly topP: number;
  /** Most tokens of a completion, the end-of-sequence token included. */
  readonly maxTokens: number;
  /** Go on past end-of-sequence tokens. */
  readonly ignoreEos: boolean;
  /** Tokens that end a completion as an end-of-sequence token does, also where those are ignored. */
  readonly stopTokenIds?: readonly number[];
}

/** Below this a softmax overflows float32, and greedy decoding is what is meant. */
const SMALLEST_TEMPERATURE = 1e-3;
const LARGEST_TEMPERATURE = 1e3;

/** Takes what a request says, with 0 as "not said" for topP, and refuses what no draw could follow. */
export function validateSamplingParams(given: SamplingParams, field = 'sampling'): SamplingParams {
  const params = { ...given, topP: given.topP === 0 ? 1 : given.topP };
  const { temperature, topK, topP, maxTokens } = params;
  const violations: FieldViolation[] = [];
  const check = (holds: boolean, name: string, rule: string): void => {
    if (!holds) violations.push({ field: `${field}.${name}`, description: rule });
  };
  const allowed = temperature === 0 || (temperature >= SMALLEST_TEMPERATURE && temperature <= LARGEST_TEMPERATURE);
  const range = `must be 0 (greedy) or from ${SMALLEST_TEMPERATURE} to ${LARGEST_TEMPERATURE}`;
  check(allowed, 'temperature', `${range}, but is ${temperature}`);
  check(Number.isInteger(topK) && topK >= 0, 'top_k', `must be a whole number of at least 0, but is ${topK}`);
  check(topP > 0 && topP <= 1, 'top_p', `must be above 0 and at most 1 (0 is read as 1), but is ${topP}`);
  const positive = Number.isInteger(maxTokens) && maxTokens >= 1;
  check(positive, 'max_tokens', `must be a whole number of at least 1, but is ${maxTokens}`);
  if (violations.length > 0) throw invalidArguments(violations);
  return params;
}
