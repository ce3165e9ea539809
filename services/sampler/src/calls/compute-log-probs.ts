/** SamplerService.ComputeLogProbs. */
import { packFloat32, unpackInt32, type ComputeLogProbsRequest, type ComputeLogProbsResponse } from '@hone/contracts';
import { validateSequences } from '@hone/decoding/requests';
import type { CallContext } from '@hone/rpc';
import type { SamplerContext } from '../context.ts';
import { requireLogProbs } from './request-rules.ts';

/** Log-probs of given sequences. */
export function computeLogProbs({ checkpoints, engine }: SamplerContext) {
  return async (request: ComputeLogProbsRequest, { signal }: CallContext): Promise<ComputeLogProbsResponse> => {
    requireLogProbs(engine);
    const model = await checkpoints.open(request.checkpoint);
    const sequences = request.sequences.map((bytes, index) => unpackInt32(bytes, `sequences[${index}]`));
    validateSequences(sequences, model.config);
    const logProbs = await engine.logProbs({ model, sequences }, { signal });
    return { logProbs: logProbs.map((values) => packFloat32(values)) };
  };
}
