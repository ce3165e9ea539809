import {
  EvaluatorServiceClient,
  OperationsClient,
  PairBuilderServiceClient,
  SamplerServiceClient,
  ScorerServiceClient,
  TrainerServiceClient,
} from '@hone/contracts';
import { connect, type PeerAddresses } from '@hone/rpc';

/** The other services. */
export interface Peers {
  readonly sampler: SamplerServiceClient;
  readonly pairBuilder: PairBuilderServiceClient;
  readonly trainer: TrainerServiceClient;
  readonly trainerOperations: OperationsClient;
  readonly evaluator: EvaluatorServiceClient;
  readonly evaluatorOperations: OperationsClient;
  /** The scorer at an address; an empty one means the deployment's own. */
  scorerAt(address: string): ScorerServiceClient;
  close(): void;
}

/** Clients of all peers; each connects at its first call. */
export function connectPeers(addresses: PeerAddresses): Peers {
  const scorers = new Map<string, ScorerServiceClient>();
  const scorerAt = (address: string): ScorerServiceClient => {
    const target = address || addresses.scorer;
    const known = scorers.get(target) ?? connect(ScorerServiceClient, target);
    scorers.set(target, known);
    return known;
  };
  const clients = {
    sampler: connect(SamplerServiceClient, addresses.sampler),
    pairBuilder: connect(PairBuilderServiceClient, addresses['pair-builder']),
    trainer: connect(TrainerServiceClient, addresses.trainer),
    trainerOperations: connect(OperationsClient, addresses.trainer),
    evaluator: connect(EvaluatorServiceClient, addresses.evaluator),
    evaluatorOperations: connect(OperationsClient, addresses.evaluator),
  };
  const close = (): void => {
    for (const client of [...Object.values(clients), ...scorers.values()]) client.close();
  };
  return { ...clients, scorerAt, close };
}
