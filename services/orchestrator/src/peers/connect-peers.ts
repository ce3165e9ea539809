import {
  EvaluatorServiceClient,
  OperationsClient,
  PairBuilderServiceClient,
  SamplerServiceClient,
  TrainerServiceClient,
} from '@hone/contracts';
import { connect, type PeerAddresses, type Reach } from '@hone/rpc';
import type { ServiceName } from '@hone/engine';

/** The other services. */
export interface Peers {
  readonly sampler: SamplerServiceClient;
  readonly pairBuilder: PairBuilderServiceClient;
  readonly trainer: TrainerServiceClient;
  readonly trainerOperations: OperationsClient;
  readonly evaluator: EvaluatorServiceClient;
  readonly evaluatorOperations: OperationsClient;
  /** Where they listen; the scorer is the deployment's own. */
  readonly addresses: Readonly<Record<ServiceName, string>>;
  /** Other scorers that runs may name. */
  readonly scorerReach: Reach;
  close(): void;
}

/** Clients of all peers; each connects at its first call. */
export function connectPeers(addresses: PeerAddresses, reach: Reach): Peers {
  const clients = {
    sampler: connect(SamplerServiceClient, addresses.sampler),
    pairBuilder: connect(PairBuilderServiceClient, addresses['pair-builder']),
    trainer: connect(TrainerServiceClient, addresses.trainer),
    trainerOperations: connect(OperationsClient, addresses.trainer),
    evaluator: connect(EvaluatorServiceClient, addresses.evaluator),
    evaluatorOperations: connect(OperationsClient, addresses.evaluator),
  };
  const close = (): void => {
    for (const client of Object.values(clients)) client.close();
  };
  const { sampler, scorer, 'pair-builder': pairBuilder, trainer, evaluator } = addresses;
  return { ...clients, addresses: { sampler, scorer, pairBuilder, trainer, evaluator }, scorerReach: reach, close };
}
