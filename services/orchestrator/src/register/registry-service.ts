/** RegistryService: the register's operations as RPCs. */
import { EvaluatorServiceClient, RegistryServiceService, type CompareEvaluationsRequest } from '@hone/contracts';
import {
  compareCheckpoints,
  deleteAlias,
  deleteCheckpoint,
  describeLineage,
  getModel,
  getVersion,
  listAliasChanges,
  listEvaluations,
  listModels,
  listVersions,
  publishCheckpoint,
  recordEvaluation,
  setAlias,
  updateCheckpoint,
  updateModel,
  type RegistryContext,
} from '@hone/registry';
import { callUnary, unary, type ReplicaSets } from '@hone/rpc';
import type { withNewCheckpoints } from './with-new-checkpoints.ts';

/** What the register needs. */
export interface RegistryOptions extends RegistryContext {
  readonly peers: ReplicaSets;
}

/** The register, to be served beside the orchestrator's own calls. */
export function registryService(
  { database, store, peers }: RegistryOptions,
  seeingNew: ReturnType<typeof withNewCheckpoints>,
) {
  const context = { database, store };
  const comparing = {
    ...context,
    compareEvaluations: (request: CompareEvaluationsRequest) =>
      peers.at('evaluator').call(EvaluatorServiceClient, (client) => callUnary(client, 'compareEvaluations', request)),
  };
  const implementation = {
    updateCheckpoint: unaryOver(database, updateCheckpoint),
    deleteCheckpoint: unaryOver(database, deleteCheckpoint),
    compareCheckpoints: unaryOver(comparing, compareCheckpoints),
    describeLineage: unaryOver(database, describeLineage),
    recordEvaluation: unaryOver(context, recordEvaluation),
    listEvaluations: unaryOver(database, listEvaluations),
    getModel: unaryOver(database, getModel),
    listModels: unaryOver(database, listModels),
    updateModel: unaryOver(database, updateModel),
    publishVersion: unaryOver(database, publishCheckpoint),
    getVersion: unaryOver(database, getVersion),
    listVersions: unaryOver(database, listVersions),
    setAlias: unaryOver(database, setAlias),
    deleteAlias: unaryOver(database, deleteAlias),
    listAliasChanges: unaryOver(database, listAliasChanges),
  };
  return { definition: RegistryServiceService, implementation: seeingNew(implementation) };
}

/** An operation of the register as an RPC. */
const unaryOver = <Context, Request, Response>(
  context: Context,
  operation: (context: Context, request: Request) => Promise<Response>,
) => unary((request: Request) => operation(context, request));
