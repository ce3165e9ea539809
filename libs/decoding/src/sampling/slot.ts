import type { SampledCompletion } from './completion.ts';
import type { SamplingParams } from './sampling-params.ts';
import type { SampleStream } from './sample-stream.ts';
import type { UniformStream } from './uniform-stream.ts';

/** A sample that is being drawn in one row of the batch. */
export interface Slot {
  readonly stream: SampleStream;
  readonly params: SamplingParams;
  readonly promptId: string;
  readonly sampleIndex: number;
  readonly seed: bigint;
  readonly uniforms: UniformStream;
  /** Positions before those of this sample's own: the prompt, but for its last token. */
  readonly promptPositions: number;
  /** Tokens that this completion may have, and positions that it may come to need: max_tokens, or what the context leaves. */
  readonly tokenLimit: number;
  readonly tokenIds: number[];
  readonly logProbs: number[];
  /** The token that the next step feeds; its keys and values are not in the cache yet. */
  lastToken: number;
}

function isLast({ params, stream, tokenIds }: Slot, token: number, eosTokenIds: ReadonlySet<number>): boolean {
  if (!params.ignoreEos && eosTokenIds.has(token)) return true;
  return params.stopTokenIds?.includes(token) === true || stream.endsCompletion?.(tokenIds) === true;
}

/** Adds a drawn token; gives the completion where it was the last one. */
export function takeToken(
  slot: Slot,
  token: number,
  logProb: number,
  eosTokenIds: ReadonlySet<number>,
): SampledCompletion | undefined {
  slot.tokenIds.push(token);
  slot.logProbs.push(logProb);
  slot.lastToken = token;
  const stopped = isLast(slot, token, eosTokenIds);
  if (!stopped && slot.tokenIds.length < slot.tokenLimit) return undefined;
  return {
    promptId: slot.promptId,
    sampleIndex: slot.sampleIndex,
    tokenIds: Int32Array.from(slot.tokenIds),
    logProbs: Float32Array.from(slot.logProbs),
    finishReason: stopped ? 'stop' : 'length',
    seed: slot.seed,
  };
}
