import { OrchestratorServiceService, type ListPairsRequest, type ListSamplesRequest } from '@hone/contracts';
import { RECIPES, withRecipesOf } from '@hone/recipes';
import { openDatabase, type Database } from '@hone/database';
import { listPairs, listSamples, LiveRuns, PageReader, RunScheduler, ServiceShares } from '@hone/engine';
import { removeAbandonedImports, type ImportOptions } from '@hone/registry';
import {
  descriptionOf,
  descriptionService,
  openStore,
  PEER_ROLES,
  ReplicaSets,
  scorerReach,
  serverStream,
  servingPeer,
  unary,
  type Dependency,
  type ReachSettings,
  type ServiceBinding,
  type ServiceOptions,
  type ServiceParts,
} from '@hone/rpc';
import { sql } from 'kysely';
import { checkpointCalls } from './register/checkpoints.ts';
import { engineLog } from './runs/engine-log.ts';
import { feedbackService } from './runs/feedback-service.ts';
import { grpcServices } from './peers/grpc-services.ts';
import { getDeploymentWith } from './peers/deployment.ts';
import { registryService } from './register/registry-service.ts';
import { runOperations } from './runs/run-operations.ts';
import { createRunWith } from './runs/create-run.ts';
import { getRecipeWith, listRecipesWith } from './spec/recipes.ts';
import { cancelRunWith, getRunWith, listRunsWith, pauseRunWith, resumeRunWith } from './runs/runs.ts';
import { withNewCheckpoints } from './register/with-new-checkpoints.ts';
import { uploadService } from './register/uploads.ts';
import { watchRunWith } from './runs/watch-run.ts';

/** Ends this process without a word to the database, which is another orchestrator's now. */
const endAtOnce =
  (logger: ServiceOptions['logger']) =>
  (reason: Error): void => {
    logger.fatal(reason.message);
    process.exit(1);
  };

const databaseDependency = (database: Database): Dependency => ({
  name: 'database',
  check: async () => void (await sql`select 1`.execute(database)),
});

/** Runs need all other services; the register does not. */
const peerDependencies = (peers: ReplicaSets): Dependency[] =>
  PEER_ROLES.map((role) => servingPeer(role, peers.at(role), ['hone.orchestrator.v1.OrchestratorService']));

/** Texts of requests go into the database, or are looked up there, and PostgreSQL holds no NUL. */
const withoutNul = (binding: ServiceBinding): ServiceBinding => ({ ...binding, demands: { withoutNul: true } });

/** The orchestrator: its state is a database in `stateDir`, its work is done by the other services. */
export async function createOrchestratorService(
  options: Pick<
    ServiceOptions,
    'storeDir' | 'stateDir' | 'databaseUrl' | 'peers' | 'maxRuns' | 'resumeRuns' | 'logger' | 'signal'
  > &
    Partial<Pick<ServiceOptions, 'recipesDir'>> &
    ReachSettings,
  importFolder: ImportOptions['importFolder'],
): Promise<ServiceParts> {
  const { storeDir, stateDir, databaseUrl, maxRuns, resumeRuns, logger, signal } = options;
  const recipes = await withRecipesOf(options.recipesDir ?? '', RECIPES);
  const { store, dependency } = await openStore(options);
  const { database, close } = await openDatabase({
    stateDir,
    url: databaseUrl,
    onLost: endAtOnce(logger),
    onMade: (folder) => logger.warn({ state: folder }, `there was no state at ${folder}: an empty one was made`),
    onRestart: (what) => logger.error(what),
  });
  const reach = scorerReach(options);
  const peers = new ReplicaSets({ own: options.peers, certificates: options.certificates, logger });
  const live = new LiveRuns();
  let scheduler: RunScheduler;
  try {
    await removeAbandonedImports(stateDir);
    const services = grpcServices({ peers, reach, reachSettings: options });
    const engine = { database, store, services, shares: new ServiceShares(), live, log: engineLog(logger), recipes };
    scheduler = await RunScheduler.open({ ...engine, maxRuns, resumeRuns });
  } catch (thrown) {
    peers.close();
    await close();
    throw thrown;
  }
  const runs = { database, store, scheduler, reach };
  const pages = new PageReader();
  const samples = { database, store, pages };
  const own = descriptionOf('orchestrator', { capacity: maxRuns });
  const seeingNew = withNewCheckpoints({ database, store }, logger);
  const creating = {
    createRun: unary(createRunWith({ ...runs, recipes, peers, reachSettings: options })),
  };
  const implementation = {
    ...seeingNew(creating),
    listRecipes: unary(listRecipesWith(recipes)),
    getRecipe: unary(getRecipeWith(recipes)),
    getRun: unary(getRunWith(runs)),
    listRuns: unary(listRunsWith(runs)),
    watchRun: serverStream(watchRunWith({ database, live, ending: signal })),
    cancelRun: unary(cancelRunWith(runs)),
    pauseRun: unary(pauseRunWith(runs)),
    resumeRun: unary(resumeRunWith(runs)),
    listSamples: unary((request: ListSamplesRequest) => listSamples(samples, request)),
    listPairs: unary((request: ListPairsRequest) => listPairs(samples, request)),
    ...checkpointCalls({ database, store, storeDir, stateDir, importFolder }, seeingNew),
    getDeployment: unary(getDeploymentWith(peers, own)),
  };
  return {
    services: [
      ...[
        { definition: OrchestratorServiceService, implementation },
        registryService({ database, store, peers }, seeingNew),
        feedbackService(database),
        runOperations({ ...runs, live }),
      ].map(withoutNul),
      uploadService(store),
      descriptionService(own),
    ],
    dependencies: [dependency, databaseDependency(database), ...peerDependencies(peers)],
    close: async () => {
      await scheduler.close();
      await pages.close();
      peers.close();
      await close();
    },
  };
}
