import { ArtifactStore } from '@hone/artifacts';
import { EvaluatorServiceService, SamplerServiceClient } from '@hone/contracts';
import { clientStream, connect, OperationRegistry, unary, type ServiceOptions, type ServiceParts } from '@hone/rpc';
import { evaluateWith } from './evaluate.ts';
import { uploadProblemSetTo } from './upload-problem-set.ts';

/** The evaluator: problem sets lie in the store, sampling and scoring are done by other services. */
export async function createEvaluatorService(
  options: Pick<ServiceOptions, 'storeDir' | 'peers' | 'logger'>,
): Promise<ServiceParts> {
  const store = await ArtifactStore.open(options.storeDir);
  const sampler = connect(SamplerServiceClient, options.peers.sampler);
  const operations = new OperationRegistry();
  const { logger } = options;
  const implementation = {
    uploadProblemSet: clientStream(uploadProblemSetTo(store)),
    evaluate: unary(evaluateWith({ store, sampler, scorerAddress: options.peers.scorer, operations, logger })),
  };
  return {
    services: [{ definition: EvaluatorServiceService, implementation }, operations.service],
    close: async () => {
      await operations.close();
      sampler.close();
    },
  };
}
