/** The engine's ports over gRPC. */
import {
  EvaluateMetadata,
  EvaluateRequest,
  Evaluation,
  EvaluatorServiceClient,
  SamplerServiceClient,
  TrainerServiceClient,
  TrainMetadata,
  TrainRequest,
  TrainResponse,
  Violations,
  type RunSpec,
  type ServerRef,
} from '@hone/contracts';
import type { ServiceName, Services, ServicesOfRuns } from '@hone/engine';
import {
  callServerStream,
  callUnary,
  type PeerRole,
  type Reach,
  type ReachSettings,
  type ReplicaSet,
  type ReplicaSets,
} from '@hone/rpc';
import { nameOfScorer, openJudge, scorerServers } from '@hone/scoring';
import { noteUnreachableServices } from '../spec/named-services.ts';
import { buildDataset } from './build-dataset.ts';
import { remoteWork } from './remote-work.ts';

/** What the engine's ports need. */
export interface PeerOptions {
  readonly peers: ReplicaSets;
  /** Scorers that runs may name beside the deployment's own. */
  readonly reach: Reach;
  /** What the operator listed of other services that runs may name. */
  readonly reachSettings: ReachSettings;
}

function requireReachable(spec: RunSpec, settings: ReachSettings): void {
  const violations = new Violations();
  noteUnreachableServices(spec, settings, violations);
  violations.throwIfAny();
}

const ROLES: Readonly<Record<ServiceName, PeerRole>> = {
  sampler: 'sampler',
  scorer: 'scorer',
  pairBuilder: 'pair-builder',
  trainer: 'trainer',
  evaluator: 'evaluator',
};

/** The deployment's services, or those that a run names, as the engine calls them. */
export const grpcServices = (options: PeerOptions): ServicesOfRuns => ({ of: (spec) => servicesOf(options, spec) });

/** Asked for anew at each use: a set that was not used for long is another by then. */
type SetOf = (service: ServiceName) => ReplicaSet;

function servicesOf({ peers, reach, reachSettings }: PeerOptions, spec: RunSpec): Services {
  // Of several scorers, each call asks all: the one that takes the fewest decides.
  const scorer = (): ReplicaSet =>
    scorerServers(spec.scorer)
      .map((server) => peers.at('scorer', server))
      .reduce((least, set) => (set.capacity < least.capacity ? set : least));
  const { sampler, trainer, evaluator } = spec;
  const named: Partial<Record<ServiceName, ServerRef | undefined>> = { sampler, trainer, evaluator };
  const at: SetOf = (service) => {
    if (service === 'scorer') return scorer();
    // What may be called may be another matter than when the run was created.
    requireReachable(spec, reachSettings);
    return peers.at(ROLES[service], named[service]);
  };
  const addressOf = (service: ServiceName): string => at(service).addresses;
  return {
    get addresses() {
      const names = Object.keys(ROLES) as ServiceName[];
      return Object.fromEntries(names.map((name) => [name, addressOf(name)])) as Services['addresses'];
    },
    capacityOf: at,
    sample: (request, { signal, timeoutMs }) =>
      at('sampler').stream(
        SamplerServiceClient,
        (client) => callServerStream(client, 'sample', request, { signal, timeoutMs }),
        { signal },
      ),
    openJudge: (ref) => {
      const judge = openJudge(ref, { servers: peers, reach });
      return {
        name: nameOfScorer(ref),
        judge: (items, signal) => judge.judge(items, signal),
        groupAnswers: (sets, signal) => judge.groupAnswers(sets, signal),
      };
    },
    build: (job, options) => buildDataset(at('pairBuilder'), job, options),
    ...operations(at),
  };
}

/** Work of trainer and evaluator. */
const operations = (at: SetOf): Pick<Services, 'training' | 'evaluation'> => ({
  training: remoteWork(() => at('trainer'), TrainerServiceClient, {
    method: 'hone.trainer.v1.TrainerService/Train',
    start: (client, request: TrainRequest, options) => callUnary(client, 'train', request, options),
    response: TrainResponse,
    metadata: TrainMetadata,
  }),
  evaluation: remoteWork(() => at('evaluator'), EvaluatorServiceClient, {
    method: 'hone.evaluator.v1.EvaluatorService/Evaluate',
    start: (client, request: EvaluateRequest, options) => callUnary(client, 'evaluate', request, options),
    response: Evaluation,
    metadata: EvaluateMetadata,
  }),
});
