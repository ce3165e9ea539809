import { EvaluatorServiceService, SamplerServiceClient } from '@hone/contracts';
import {
  clientStream,
  connect,
  openStore,
  OperationRegistry,
  scorerReach,
  serverStream,
  servingPeer,
  unary,
  type ReachSettings,
  type ServiceOptions,
  type ServiceParts,
} from '@hone/rpc';
import { compareEvaluationsIn } from './compare-evaluations.ts';
import { evaluateWith } from './evaluate.ts';
import { sweepJournals } from './journal.ts';
import { getEvaluationFrom, listOutcomesFrom } from './read-evaluations.ts';
import { uploadProblemSetTo } from './upload-problem-set.ts';

/** The evaluator: problem sets lie in the store, sampling and scoring are done by other services. */
export async function createEvaluatorService(
  options: Pick<ServiceOptions, 'storeDir' | 'peers' | 'logger'> & ReachSettings,
): Promise<ServiceParts> {
  const { store, dependency } = await openStore(options);
  const sampler = connect(SamplerServiceClient, options.peers.sampler);
  const { logger, storeDir } = options;
  const operations = new OperationRegistry(logger);
  const scorerAddress = options.peers.scorer;
  const reach = scorerReach(options);
  await sweepJournals(storeDir);
  const implementation = {
    uploadProblemSet: clientStream(uploadProblemSetTo(store)),
    evaluate: unary(evaluateWith({ store, storeDir, sampler, scorerAddress, reach, operations, logger })),
    getEvaluation: unary(getEvaluationFrom(store)),
    listOutcomes: serverStream(listOutcomesFrom(store)),
    compareEvaluations: unary(compareEvaluationsIn(store)),
  };
  return {
    services: [{ definition: EvaluatorServiceService, implementation }, operations.service],
    dependencies: [
      dependency,
      servingPeer('sampler', options.peers.sampler),
      servingPeer('scorer', options.peers.scorer),
    ],
    close: async () => {
      await operations.close();
      sampler.close();
    },
  };
}
