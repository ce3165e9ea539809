import { EvaluatorServiceService } from '@hone/contracts';
import {
  descriptionOf,
  descriptionService,
  openStore,
  OperationRegistry,
  operationsFolder,
  ReplicaSets,
  scorerReach,
  serverStream,
  serviceReach,
  servingPeer,
  unary,
  waitForAll,
  type ReachSettings,
  type ServiceOptions,
  type ServiceParts,
} from '@hone/rpc';
import { compareEvaluationsIn } from './calls/compare-evaluations.ts';
import { evaluateWith, evaluationKind } from './calls/evaluate.ts';
import { sweepJournals } from './evaluation/journal.ts';
import { getEvaluationFrom, listOutcomesFrom } from './calls/read-evaluations.ts';

/** As long as the orchestrator waits for a service that is away. */
const PEERS_WAIT_MS = 600_000;

/** An evaluation keeps the sampler and the scorer busy by itself. */
const CAPACITY = 1;

/** The evaluator: problem sets lie in the store, sampling and scoring are done by other services. */
export async function createEvaluatorService(
  options: Pick<ServiceOptions, 'storeDir' | 'peers' | 'logger'> &
    Partial<Pick<ServiceOptions, 'resumeRuns'>> &
    ReachSettings,
): Promise<ServiceParts> {
  const { store, dependency } = await openStore(options);
  const { logger, storeDir } = options;
  const reach = scorerReach(options);
  const samplerReach = serviceReach('sampler', options);
  await sweepJournals(storeDir);
  const { sampler, scorer } = options.peers;
  const peers = new ReplicaSets({ own: { sampler, scorer }, certificates: options.certificates, logger });
  const needed = [servingPeer('sampler', peers.at('sampler')), servingPeer('scorer', peers.at('scorer'))];
  const peersServing = (signal: AbortSignal): Promise<void> => waitForAll(needed, PEERS_WAIT_MS, signal);
  const evaluating = { store, storeDir, peers, reach, samplerReach, logger, peersServing };
  const evaluation = evaluationKind(evaluating);
  const operations = await OperationRegistry.open({
    folder: operationsFolder(storeDir, 'evaluator'),
    kinds: [evaluation],
    resume: options.resumeRuns ?? true,
    logger,
  });
  const implementation = {
    evaluate: unary(evaluateWith(evaluating, { operations, evaluation })),
    getEvaluation: unary(getEvaluationFrom(store)),
    listOutcomes: serverStream(listOutcomesFrom(store)),
    compareEvaluations: unary(compareEvaluationsIn(store)),
  };
  return {
    services: [
      { definition: EvaluatorServiceService, implementation },
      operations.service,
      descriptionService(descriptionOf('evaluator', { capacity: CAPACITY })),
    ],
    dependencies: [dependency, ...needed],
    close: async () => {
      await operations.close();
      peers.close();
    },
  };
}
