/** SamplerService.ComputeLogProbs. */
import { packFloat32, unpackInt32, type ComputeLogProbsRequest, type ComputeLogProbsResponse } from '@hone/contracts';
import { validateSequences } from '@hone/decoding/requests';
import type { CallContext } from '@hone/rpc';
import type { SamplerContext } from './context.ts';
import type { LogProbsChunk } from './worker-api.ts';

/** Log-probs of given sequences; the workers take equal shares. */
export function computeLogProbs({ checkpoints, pool }: SamplerContext) {
  return async (request: ComputeLogProbsRequest, { signal }: CallContext): Promise<ComputeLogProbsResponse> => {
    const { folder, config } = await checkpoints.open(request.checkpoint);
    const sequences = request.sequences.map((bytes, index) => unpackInt32(bytes, `sequences[${index}]`));
    validateSequences(sequences, config);
    const { workers, ...limits } = pool.place(config);
    const share = Math.ceil(sequences.length / workers.length);
    const shares = workers.map((worker, index) => {
      const chunk: LogProbsChunk = {
        folder,
        ...limits,
        precision: 'fp32',
        sequences: sequences.slice(index * share, (index + 1) * share),
      };
      if (chunk.sequences.length === 0) return [];
      return worker.call<LogProbsChunk, never, Float32Array[]>('logProbs', chunk, { signal });
    });
    const logProbs = (await Promise.all(shares)).flat();
    return { logProbs: logProbs.map((values) => packFloat32(values)) };
  };
}
