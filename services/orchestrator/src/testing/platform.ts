/** An orchestrator among the test's peers, in this process, with a tiny model and a few problems in its store. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ArtifactStore } from '@hone/artifacts';
import {
  Example,
  OrchestratorServiceClient,
  PreferenceTerm,
  Problem,
  RunSpec,
  type Checkpoint,
  type ImportCheckpointRequest,
  type Run,
} from '@hone/contracts';
import { callClientStream, callServerStream, callUnary, connect, startServer } from '@hone/rpc';
import { importModel } from '../import-model.ts';
import { createOrchestratorService } from '../server.ts';
import { startPeers } from './peers.ts';

/** A Hugging Face model folder of this repository, made for tests. */
export const MODEL_FOLDER = fileURLToPath(new URL('../../../../test/golden/models/untied', import.meta.url));
export const MODEL_FILES = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'model.safetensors',
];

const silent = { warn() {}, info() {}, error() {}, fatal() {} } as never;

/** Import messages for files of a folder, cut into parts. */
export async function* importMessages(
  folder: string,
  names: readonly string[],
  displayName = '',
): AsyncGenerator<ImportCheckpointRequest> {
  if (displayName) yield { message: { $case: 'displayName', value: displayName } };
  for (const fileName of names) {
    const bytes = await readFile(path.join(folder, fileName));
    for (let at = 0; at < bytes.length; at += 10_000) {
      yield { message: { $case: 'chunk', value: { fileName, data: bytes.subarray(at, at + 10_000) } } };
    }
  }
}

export async function startPlatform() {
  const root = await mkdtemp(path.join(tmpdir(), 'hone-orchestrator-'));
  const storeDir = path.join(root, 'store');
  const stateDir = path.join(root, 'state');
  const store = await ArtifactStore.open(storeDir);
  const peers = await startPeers(store);

  async function startOrchestrator() {
    const ending = new AbortController();
    const options = { storeDir, stateDir, peers: peers.addresses, logger: silent, signal: ending.signal };
    const importFolder = ({ folder }: { folder: string }) => importModel(store, folder);
    const { services, close } = await createOrchestratorService(options, importFolder);
    const server = await startServer({ address: '127.0.0.1:0', services });
    const client = connect(OrchestratorServiceClient, server.address);
    const stop = async (): Promise<void> => {
      ending.abort();
      await server.close(1000);
      client.close();
      await close();
    };
    return { client, stop };
  }

  let orchestrator = await startOrchestrator();
  const base: Checkpoint = await callClientStream(
    orchestrator.client,
    'importCheckpoint',
    importMessages(MODEL_FOLDER, MODEL_FILES, 'base'),
  );
  const problems = Array.from({ length: 40 }, (_, index) =>
    Problem.fromPartial({
      id: `p${index}`,
      prompt: { id: `p${index}`, content: { $case: 'text', value: 'q' } },
      gold: '1',
    }),
  );
  const problemSet = `problemSets/${(await store.putJsonLines(problems.map((it) => Problem.toJSON(it) as object))).digest}`;
  const examples = [Example.toJSON(Example.fromPartial({ promptText: 'a', completionText: 'b' })) as object];
  const dataset = `datasets/${(await store.putJsonLines(examples)).digest}`;

  /** A valid spec, changed by `change`. */
  function spec(change: (spec: RunSpec) => void = () => undefined): RunSpec {
    const training = { optimizer: { learningRate: 1e-4 }, epochs: 1, batchSize: 8 };
    const made = RunSpec.fromPartial({
      displayName: 'test',
      baseCheckpoint: base.name,
      trainProblemSet: problemSet,
      validationProblemSet: problemSet,
      testProblemSet: problemSet,
      scorer: { name: 'gsm8k' },
      iterations: 2,
      problemsPerIteration: 10,
      samplesPerProblem: 4,
      sampling: { temperature: 1, topP: 1, maxTokens: 8 },
      pairs: { pairsPerProblem: 2 },
      training: { ...training, loss: { version: 1, preference: PreferenceTerm.SIGMOID, beta: 0.1, nllAlpha: 1 } },
      evaluation: { greedy: true, maxTokens: 8 },
      seed: 5n,
    });
    change(made);
    return made;
  }

  return {
    root,
    store,
    stateDir,
    hooks: peers.hooks,
    base,
    problemSet,
    dataset,
    spec,
    get client() {
      return orchestrator.client;
    },
    /** Ends the orchestrator as SIGTERM would, and starts it anew on the same state. */
    restart: async () => {
      await orchestrator.stop();
      orchestrator = await startOrchestrator();
    },
    createRun: (change?: (spec: RunSpec) => void) =>
      callUnary(orchestrator.client, 'createRun', { requestId: '', spec: spec(change), validateOnly: false }),
    /** Watches a run until it stands still; gives its events. */
    watch: async (name: string, afterEvent = 0n) => {
      const events = [];
      for await (const event of callServerStream(orchestrator.client, 'watchRun', { name, afterEvent })) {
        events.push(event);
      }
      return events;
    },
    getRun: (name: string): Promise<Run> => callUnary(orchestrator.client, 'getRun', { name }),
    close: async () => {
      peers.hooks.before = async () => undefined;
      await orchestrator.stop();
      await peers.close();
      await rm(root, { recursive: true, force: true });
    },
    /** Files of imports that have not gone. */
    leftovers: () => readdir(path.join(stateDir, 'incoming')),
  };
}

export type TestPlatform = Awaited<ReturnType<typeof startPlatform>>;
