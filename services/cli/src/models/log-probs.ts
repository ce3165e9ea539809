/** Log-probs of given tokens under a checkpoint, in calls of a fair size. */
import { ComputeLogProbsRequest, packInt32, unpackFloat32 } from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import type { Clients } from '../platform/platform.ts';

/** Tokens a call, and sequences: a call's messages stay far below what gRPC allows. */
const TOKENS_PER_CALL = 100_000;
const SEQUENCES_PER_CALL = 256;

type Sequence = readonly number[];

/** Sequences, so many at a time. */
async function* batches(sequences: AsyncIterable<Sequence> | Iterable<Sequence>): AsyncGenerator<Sequence[]> {
  let batch: Sequence[] = [];
  let tokens = 0;
  for await (const ids of sequences) {
    if (batch.length > 0 && (tokens + ids.length > TOKENS_PER_CALL || batch.length === SEQUENCES_PER_CALL)) {
      yield batch;
      [batch, tokens] = [[], 0];
    }
    batch.push(ids);
    tokens += ids.length;
  }
  if (batch.length > 0) yield batch;
}

/** log p of each token of each sequence but its first, in the order of the sequences. */
export async function* computeLogProbs(
  { sampler }: Clients,
  checkpoint: string,
  sequences: AsyncIterable<Sequence> | Iterable<Sequence>,
): AsyncGenerator<number[]> {
  for await (const batch of batches(sequences)) {
    const request = ComputeLogProbsRequest.fromPartial({ checkpoint, sequences: batch.map((ids) => packInt32(ids)) });
    const { logProbs } = await callUnary(sampler, 'computeLogProbs', request, { timeoutMs: Infinity });
    yield* logProbs.map((packed) => [...unpackFloat32(packed, 'log_probs')]);
  }
}
