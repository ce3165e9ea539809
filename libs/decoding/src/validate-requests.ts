import type { ModelConfig } from '@hone/checkpoint';
import { invalidArgument } from '@hone/errors';

/** A prompt, and how many completions of it are wanted. */
export interface SampleRequest {
  /** Part of every sample's seed. */
  readonly promptId: string;
  readonly promptTokenIds: Int32Array;
  /** Completions wanted, at least 1. */
  readonly n: number;
  /** Index of the first of them, where a prompt's samples are spread over several calls; 0 without it. */
  readonly firstSampleIndex?: number;
}

/** Refuses what the model cannot continue; fields are named as in the request. */
export function validateRequests(requests: readonly SampleRequest[], config: ModelConfig): void {
  if (requests.length === 0) throw invalidArgument('prompts', 'must not be empty');
  const seen = new Set<string>();
  for (const [index, { promptId, promptTokenIds, n }] of requests.entries()) {
    const field = `prompts[${index}]`;
    if (!Number.isInteger(n) || n < 1) throw invalidArgument('n', `must be a whole number of at least 1, but is ${n}`);
    if (seen.has(promptId)) throw invalidArgument(`${field}.id`, `"${promptId}" is the id of another prompt already`);
    seen.add(promptId);
    requireTokens(promptTokenIds, field, 1, config);
    const { maxPositionEmbeddings: context } = config;
    if (promptTokenIds.length >= context) {
      const rule = `"${promptId}" has ${promptTokenIds.length} tokens, but the model's context of ${context} must also hold the completion`;
      throw invalidArgument(field, `${rule}: shorten the prompt`);
    }
  }
}

/** Refuses sequences that have no log-prob or do not fit. */
export function validateSequences(sequences: readonly Int32Array[], config: ModelConfig): void {
  if (sequences.length === 0) throw invalidArgument('sequences', 'must not be empty');
  for (const [index, sequence] of sequences.entries()) {
    const field = `sequences[${index}]`;
    requireTokens(sequence, field, 2, config);
    const { maxPositionEmbeddings: context } = config;
    // The last token is only a label, so it needs no position of its own.
    if (sequence.length - 1 > context) {
      throw invalidArgument(field, `has ${sequence.length} tokens, but the model's context holds ${context}`);
    }
  }
}

function requireTokens(tokenIds: Int32Array, field: string, fewest: number, { vocabSize }: ModelConfig): void {
  if (tokenIds.length < fewest) {
    throw invalidArgument(
      field,
      `must have at least ${fewest} token${fewest > 1 ? 's' : ''}, but has ${tokenIds.length}`,
    );
  }
  const outside = tokenIds.find((id) => id < 0 || id >= vocabSize);
  if (outside !== undefined) {
    throw invalidArgument(field, `token id ${outside} is outside the model's vocabulary of ${vocabSize}`);
  }
}
