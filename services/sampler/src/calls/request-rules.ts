/** What may be asked of the sampler, and of the engine that it has. */
import {
  checkSampling,
  LIMITS,
  unpackInt32,
  Violations,
  WeightPrecision,
  type Prompt,
  type SampleRequest,
} from '@hone/contracts';
import { validateSamplingParams, type SamplingParams } from '@hone/decoding/requests';
import { failedPrecondition, invalidArgument } from '@hone/errors';
import type { SamplingEngine } from '@hone/sampling-engine';
import type { PromptInput } from '../text/protocol.ts';

/** What is asked for, before anything is reserved for it. */
export function checkAmount({ n, prompts }: SampleRequest): void {
  const violations = new Violations();
  violations.within(n, 1, LIMITS.samplesPerProblem, 'n');
  const completions = n * prompts.length;
  const rule = `times the ${prompts.length} prompts must be at most ${LIMITS.completionsPerCall} completions`;
  violations.require(!(completions > LIMITS.completionsPerCall), 'n', rule, n);
  violations.throwIfAny();
}

/** How tokens are drawn. */
export function samplingOf({ sampling }: SampleRequest): SamplingParams {
  const violations = new Violations();
  checkSampling(sampling, 'sampling', violations);
  violations.throwIfAny();
  const { temperature, topK, topP, maxTokens, ignoreEos, stopTokenIds } = sampling!;
  return validateSamplingParams({ temperature, topK, topP, maxTokens, ignoreEos, stopTokenIds });
}

/** The contract's precisions by the engines' words. */
const PRECISIONS: Readonly<Record<string, WeightPrecision>> = {
  float32: WeightPrecision.FP32,
  int8: WeightPrecision.INT8,
};

/** A precision in the contract's word; one that it has no word for is the engine's own. */
export const weightPrecisionOf = (precision: string): WeightPrecision =>
  PRECISIONS[precision] ?? WeightPrecision.UNSPECIFIED;

/** The precision that is asked for, which the engine must have; the engine's own where nothing is said. */
export function precisionOf({ sampling }: SampleRequest, engine: SamplingEngine): string {
  const { name, precision, precisions } = engine.describe();
  const asked = sampling?.weightPrecision ?? WeightPrecision.UNSPECIFIED;
  if (asked === WeightPrecision.UNSPECIFIED) return precision;
  const found = precisions.find((known) => PRECISIONS[known] === asked);
  if (found !== undefined) return found;
  const rule = `must be one that the engine ${name} computes in (${precisions.join(', ')}), but is ${asked}`;
  throw invalidArgument('sampling.weight_precision', rule);
}

/** Refuses log-probs of an engine that computes none. */
export function requireLogProbs(engine: SamplingEngine): asserts engine is Required<SamplingEngine> {
  const { name, capabilities } = engine.describe();
  if (engine.logProbs && capabilities.includes('log-probs')) return;
  throw failedPrecondition('ENGINE_LACKS', `the engine ${name} computes no log-probs of given tokens`, {
    engine: name,
  });
}

/** A prompt as it was sent. */
export function promptInput({ id, content }: Prompt, index: number): PromptInput {
  const field = `prompts[${index}]`;
  if (id === '') throw invalidArgument(`${field}.id`, 'must not be empty');
  if (!content) throw invalidArgument(field, 'must have one of text, chat and token_ids');
  switch (content.$case) {
    case 'text':
      return { id, content: { kind: 'text', text: content.value } };
    case 'chat':
      return { id, content: { kind: 'chat', messages: content.value.messages } };
    case 'tokenIds':
      return { id, content: { kind: 'tokens', tokenIds: unpackInt32(content.value, `${field}.token_ids`) } };
  }
}
