/** An orchestrator among the test's peers, in this process, with a tiny model and a few problems in its store. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArtifactStore } from '@hone/artifacts';
import {
  GetRunRequest,
  Example,
  OperationsClient,
  OrchestratorServiceClient,
  Problem,
  RegistryServiceClient,
  RunSpec,
  type Checkpoint,
  type Run,
  type RunEvent,
} from '@hone/contracts';
import { importModel } from '@hone/registry';
import {
  callClientStream,
  callServerStream,
  callUnary,
  connect,
  startServer,
  type PeerAddresses,
  type ServiceOptions,
} from '@hone/rpc';
import { createOrchestratorService } from '../server.ts';
import { importMessages, MODEL_FILES, MODEL_FOLDER } from './import-messages.ts';
import { startPeers } from './peers.ts';

/** Settings of a spec that a test changes. */
export const settingsOf = ({ settings }: RunSpec): Record<string, any> => settings!; // eslint-disable-line @typescript-eslint/no-explicit-any

const silent = { trace() {}, debug() {}, warn() {}, info() {}, error() {}, fatal() {} } as never;

/** How the orchestrator treats runs. */
type RunOptions = Pick<ServiceOptions, 'storeDir' | 'maxRuns' | 'resumeRuns' | 'databaseUrl' | 'recipesDir'>;

/** Starts an orchestrator over a store and a state folder. */
async function startOrchestrator(root: string, store: ArtifactStore, peers: PeerAddresses, runs: RunOptions) {
  const ending = new AbortController();
  const stateDir = path.join(root, 'state');
  const importFolder = ({ folder }: { folder: string }) => importModel(store, folder);
  const options = { stateDir, peers, ...runs, logger: silent, signal: ending.signal };
  const { services, close } = await createOrchestratorService(options, importFolder);
  const server = await startServer({ address: '127.0.0.1:0', services });
  const client = connect(OrchestratorServiceClient, server.address);
  const operations = connect(OperationsClient, server.address);
  const registry = connect(RegistryServiceClient, server.address);
  const stop = async (): Promise<void> => {
    ending.abort();
    await server.close(1000);
    client.close();
    registry.close();
    await close();
  };
  return { client, operations, registry, stop };
}

/** Names of what a run needs. */
interface Inputs {
  readonly base: Checkpoint;
  readonly problemSet: string;
  /** Other problems. */
  readonly heldOut: string;
  readonly dataset: string;
}

async function putInputs(store: ArtifactStore, client: OrchestratorServiceClient): Promise<Inputs> {
  const messages = importMessages(MODEL_FOLDER, MODEL_FILES, 'base');
  const base = await callClientStream(client, 'importCheckpoint', messages);
  const problems = Array.from({ length: 40 }, (_, index) => {
    const id = `p${index}`;
    const problem = Problem.fromPartial({ id, prompt: { id, content: { $case: 'text', value: 'q' } }, gold: '1' });
    return Problem.toJSON(problem) as object;
  });
  const examples = [Example.toJSON(Example.fromPartial({ promptText: 'a', completionText: 'b' })) as object];
  return {
    base,
    problemSet: `problemSets/${(await store.putJsonLines(problems)).digest}`,
    heldOut: `problemSets/${(await store.putJsonLines(problems.slice(0, 7))).digest}`,
    dataset: `datasets/${(await store.putJsonLines(examples)).digest}`,
  };
}

function validSpec({ base, problemSet }: Inputs): RunSpec {
  return RunSpec.fromPartial({
    displayName: 'test',
    baseCheckpoint: base.name,
    trainProblemSet: problemSet,
    validationProblemSet: problemSet,
    testProblemSet: problemSet,
    scorer: { name: 'gsm8k' },
    settings: {
      iterations: 2,
      problems_per_iteration: 10,
      samples_per_problem: 4,
      sampling: { temperature: 1, max_tokens: 8 },
      pairs: { per_problem: 2 },
      training: { learning_rate: 1e-4, batch_size: 8, max_grad_norm: 0 },
      evaluation: { greedy: true, max_tokens: 8 },
    },
    seed: 5n,
  });
}

/** Where the database of the next platform is; by default the orchestrator's own server. */
let newDatabase: () => Promise<string | undefined> = async () => undefined;

/** Lets all platforms of this test file have databases elsewhere. */
export function useDatabases(make: () => Promise<string>): void {
  newDatabase = make;
}

/** How an orchestrator is started again. */
interface RestartOptions {
  readonly resumeRuns?: boolean;
  /** Called while none is up, with where its database is. */
  readonly between?: (state: { readonly stateDir: string; readonly url: string | undefined }) => Promise<void>;
}

/** Starts everything in a folder of its own. */
export async function startPlatform({
  maxRuns = 1,
  prepare = async () => undefined,
  storeLocation,
  recipesDir = '',
}: {
  maxRuns?: number;
  /** Readies the platform's folder before anything is in it. */
  prepare?: (root: string) => Promise<void>;
  /** Default: a folder in the platform's. */
  storeLocation?: string;
  /** Recipes beside Hone's. */
  recipesDir?: string;
} = {}) {
  const databaseUrl = await newDatabase();
  const root = await mkdtemp(path.join(tmpdir(), 'hone-orchestrator-'));
  await prepare(root);
  const storeDir = storeLocation ?? path.join(root, 'store');
  const store = await ArtifactStore.open(storeDir);
  const peers = await startPeers(store);
  let orchestrator = await startOrchestrator(root, store, peers.addresses, {
    storeDir,
    maxRuns,
    resumeRuns: true,
    databaseUrl,
    recipesDir,
  });
  const inputs = await putInputs(store, orchestrator.client);
  /** A valid spec, changed by `change`. */
  const spec = (change: (spec: RunSpec) => void = () => undefined): RunSpec => {
    const made = validSpec(inputs);
    change(made);
    return made;
  };
  return {
    ...inputs,
    root,
    store,
    spec,
    hooks: peers.hooks,
    get client() {
      return orchestrator.client;
    },
    get operations() {
      return orchestrator.operations;
    },
    get registry() {
      return orchestrator.registry;
    },
    /** Ends the orchestrator as SIGTERM would, and starts it anew on the same state. */
    restart: async ({ resumeRuns = true, between = async () => undefined }: RestartOptions = {}) => {
      await orchestrator.stop();
      await between({ stateDir: path.join(root, 'state'), url: databaseUrl });
      orchestrator = await startOrchestrator(root, store, peers.addresses, {
        storeDir,
        maxRuns,
        resumeRuns,
        databaseUrl,
        recipesDir,
      });
    },
    createRun: (change?: (spec: RunSpec) => void) =>
      callUnary(orchestrator.client, 'createRun', { requestId: '', spec: spec(change), validateOnly: false }),
    /** Watches a run until it stands still; gives its events. */
    watch: async (name: string, afterEvent = 0n) => {
      const events: RunEvent[] = [];
      for await (const event of callServerStream(orchestrator.client, 'watchRun', { name, afterEvent })) {
        events.push(event);
      }
      return events;
    },
    getRun: (name: string): Promise<Run> =>
      callUnary(orchestrator.client, 'getRun', GetRunRequest.fromPartial({ name })),
    close: async () => {
      peers.hooks.before = async () => undefined;
      await orchestrator.stop();
      await peers.close();
      await rm(root, { recursive: true, force: true });
    },
    /** Files of imports that have not gone. */
    leftovers: () => readdir(path.join(root, 'state', 'incoming')),
  };
}

export type TestPlatform = Awaited<ReturnType<typeof startPlatform>>;
