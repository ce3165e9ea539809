/** The engine's ports over gRPC. */
import {
  EvaluateMetadata,
  EvaluateRequest,
  Evaluation,
  TrainMetadata,
  TrainRequest,
  TrainResponse,
  type Operation,
  type OperationsClient,
} from '@hone/contracts';
import type { CallOptions, RemoteWork, Services } from '@hone/engine';
import { awaitOperation, callServerStream, callUnary, type MessageType } from '@hone/rpc';
import { nameOfScorer, openJudge } from '@hone/scoring';
import { buildDataset } from './build-dataset.ts';
import type { Peers } from './connect-peers.ts';

/** A long-running operation of a service. */
function remoteWork<Request, Response, Metadata>(
  client: OperationsClient,
  start: (request: Request, options: CallOptions) => Promise<Operation>,
  types: { readonly response: MessageType<Response>; readonly metadata: MessageType<Metadata> },
): RemoteWork<Request, Response, Metadata> {
  return {
    start,
    wait: (operation, { signal, leaving, onMetadata }) =>
      awaitOperation({ client, operation, ...types, onMetadata, signal, leaving }),
  };
}

/** The other services of the deployment, as the engine calls them. */
export function grpcServices(peers: Peers): Services {
  const { addresses, scorerReach: reach, sampler, trainer, evaluator } = peers;
  return {
    addresses,
    sample: (request, options) => callServerStream(sampler, 'sample', request, options),
    openJudge: (scorer) => {
      const judge = openJudge(scorer, { ownAddress: addresses.scorer, reach });
      return {
        name: nameOfScorer(scorer),
        judge: (items, signal) => judge.judge(items, signal),
        close: () => judge.close(),
      };
    },
    build: (job, options) => buildDataset(peers, job, options),
    training: remoteWork(
      peers.trainerOperations,
      (request: TrainRequest, options) => callUnary(trainer, 'train', request, options),
      { response: TrainResponse, metadata: TrainMetadata },
    ),
    evaluation: remoteWork(
      peers.evaluatorOperations,
      (request: EvaluateRequest, options) => callUnary(evaluator, 'evaluate', request, options),
      { response: Evaluation, metadata: EvaluateMetadata },
    ),
  };
}
