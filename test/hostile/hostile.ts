/** Hostile calls on all services: none may end a process, stall a connection, or be answered with UNKNOWN or INTERNAL. */
import { createConnection } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { status as GrpcStatus, type Client } from '@grpc/grpc-js';
import {
  CreateRunRequest,
  messageOf,
  OrchestratorServiceClient,
  PublishVersionRequest,
  RegistryServiceClient,
  TrainerServiceClient,
  UploadDatasetRequest,
  UploadProblemSetRequest,
  UploadServiceClient,
} from '@hone/contracts';
import { callClientStream, callUnary, connect, contractTypes, isServing, ROLES, type Role } from '@hone/rpc';
import { buildServices, startService, type ServiceProcess } from '../e2e/platform.ts';
import { demonstrations, modelRequest, problems, runSpec } from '../e2e/sums.ts';
import { connection, makeCall } from './make-call.ts';
import { HostileCalls, type KnownNames } from './random-requests.ts';

/** How much. */
export interface HostileOptions {
  readonly seed: number;
  readonly requests: number;
  /** Told of the addresses when all services are up, before the first request. */
  readonly onServing?: (addresses: Readonly<Record<Role, string>>) => void;
  /** Awaited behind the last request, while the services are still up. */
  readonly onEnd?: () => Promise<void>;
  readonly log?: (line: string) => void;
}

/** What was seen. All but the counts must be empty. */
export interface HostileReport {
  readonly requests: number;
  /** Answers by their status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Services whose process ended. */
  readonly ended: readonly string[];
  /** Calls that were not answered, and connections that answer no more. */
  readonly stalled: readonly string[];
  /** Answers with UNKNOWN or INTERNAL, each kind once. */
  readonly defects: readonly string[];
}

/** Who serves the services of a package. */
const ROLE_OF_PACKAGE: Readonly<Record<string, Role>> = {
  'hone.sampler.v1': 'sampler',
  'hone.scorer.v1': 'scorer',
  'hone.pairbuilder.v1': 'pair-builder',
  'hone.trainer.v1': 'trainer',
  'hone.evaluator.v1': 'evaluator',
  'hone.orchestrator.v1': 'orchestrator',
  'hone.uploads.v1': 'orchestrator',
};
/** Served by several. */
const SHARED: Readonly<Record<string, readonly Role[]>> = {
  'google.longrunning.Operations': ['trainer', 'evaluator', 'orchestrator'],
  'grpc.health.v1.Health': ROLES,
  'hone.description.v1.DescriptionService': ROLES,
};
/** They start processes, or work that others wait behind. */
const COSTLY = [
  '/hone.trainer.v1.TrainerService/InitializeCheckpoint',
  '/hone.trainer.v1.TrainerService/Train',
  '/hone.evaluator.v1.EvaluatorService/Evaluate',
  '/hone.orchestrator.v1.OrchestratorService/CreateRun',
  '/hone.orchestrator.v1.OrchestratorService/ResumeRun',
  '/hone.orchestrator.v1.OrchestratorService/ImportCheckpoint',
];
const CALLS_IN_FLIGHT = 8;
const HEALTH_PATIENCE_MS = 30_000;
const BROKEN: readonly number[] = [GrpcStatus.UNKNOWN, GrpcStatus.INTERNAL];

interface Services {
  readonly processes: ReadonlyMap<Role, ServiceProcess>;
  readonly addresses: Readonly<Record<Role, string>>;
}

async function startAll(folder: string): Promise<Services> {
  await buildServices();
  const flags = ['--store', path.join(folder, 'store'), '--state', path.join(folder, 'state'), '--threads', '1'];
  const processes = new Map<Role, ServiceProcess>();
  const start = async (role: Role): Promise<void> => {
    const peers = [...processes].flatMap(([peer, { address }]) => [`--${peer}`, address]);
    processes.set(role, await startService(role, [...flags, ...peers]));
  };
  for (const wave of [['sampler', 'scorer', 'pair-builder', 'trainer'], ['evaluator'], ['orchestrator']] as const)
    await Promise.all(wave.map(start));
  const addresses = Object.fromEntries([...processes].map(([role, { address }]) => [role, address]));
  return { processes, addresses: addresses as Record<Role, string> };
}

async function* each<Item, Message>(items: readonly Item[], message: (item: Item) => Message): AsyncGenerator<Message> {
  for (const item of items) yield message(item);
}

/** A model, a problem set, a dataset and a run, so that hostile requests find something; gives their names by fields. */
async function populate(addresses: Services['addresses']): Promise<KnownNames> {
  const trainer = connect(TrainerServiceClient, addresses.trainer);
  const uploads = connect(UploadServiceClient, addresses.orchestrator);
  const orchestrator = connect(OrchestratorServiceClient, addresses.orchestrator);
  const registry = connect(RegistryServiceClient, addresses.orchestrator);
  try {
    const made = await callUnary(trainer, 'initializeCheckpoint', modelRequest());
    const set = each(problems(), (problem) => UploadProblemSetRequest.fromPartial({ problem }));
    const problemSet = (await callClientStream(uploads, 'uploadProblemSet', set)).name;
    const examples = each(demonstrations(), (value) =>
      UploadDatasetRequest.fromPartial({ record: { $case: 'example', value } }),
    );
    const dataset = (await callClientStream(uploads, 'uploadDataset', examples)).name;
    const whole = runSpec({ checkpoint: made.name, problemSet, dataset });
    const spec = { ...whole, settings: { ...whole.settings, iterations: 1 } };
    const run = (await callUnary(orchestrator, 'createRun', messageOf(CreateRunRequest, { spec }))).name;
    const version = messageOf(PublishVersionRequest, { model: 'models/sums', checkpoint: made.name });
    await callUnary(registry, 'publishVersion', version);
    return namesOf({ checkpoint: made.name, problemSet, dataset, run });
  } finally {
    for (const client of [trainer, uploads, orchestrator, registry]) client.close();
  }
}

function namesOf(made: { checkpoint: string; problemSet: string; dataset: string; run: string }): KnownNames {
  const { checkpoint, problemSet, dataset, run } = made;
  const checkpoints = [checkpoint, checkpoint.slice(0, 24), 'models/sums@latest', 'models/sums/versions/1'];
  const operation = run.replace('runs/', 'operations/');
  return {
    checkpoint: checkpoints,
    base_checkpoint: checkpoints,
    reference_checkpoint: ['', checkpoint],
    first: checkpoints,
    second: checkpoints,
    train_problem_set: [problemSet],
    test_problem_set: [problemSet],
    validation_problem_set: ['', problemSet],
    problem_set: [problemSet],
    dataset: [dataset],
    model: ['sums', 'models/sums'],
    parent: ['', 'models/sums', 'models/sums/aliases/latest', checkpoint],
    name: [
      run,
      operation,
      'models/sums',
      'models/sums/aliases/best',
      'gsm8k',
      'cycle',
      'gold-solutions',
      ...checkpoints,
    ],
    operation: [operation],
    run: ['', run],
    scorer: ['gsm8k', 'exact', 'math', 'choice', 'regex', 'llm-judge'],
    rule: ['', 'cycle', 'gold-solutions', 'right-samples'],
    item: ['feedbackItems/1'],
    annotator: ['somebody'],
    kind: ['completions', 'verdicts', 'comparisons', 'problems'],
    digest: [problemSet.slice('problemSets/'.length), dataset.slice('datasets/'.length)],
    role: ['user', 'assistant'],
    file_name: ['config.json', 'model.safetensors', 'tokenizer.json'],
    key: ['a', 'tokenizer.json', 'endpoint', 'model', 'pattern', 'tolerance'],
    paths: ['name', '*', 'notes', 'display_name', 'labels'],
    request_id: [''],
    gold: ['4'],
    completion: ['#### 4'],
    address: [''],
    root_certificate_file: [''],
    client_certificate_file: [''],
    client_key_file: [''],
    page_token: [''],
    filter: ['', 'name = "a"'],
    order_by: ['', 'create_time desc'],
    etag: [''],
  };
}

/** Sends what is no HTTP/2, and hangs up. */
function sendNoise(address: string, bytes: Buffer): Promise<void> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = createConnection({ host: host!, port: Number(port) }, () => socket.end(bytes));
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
    socket.setTimeout(2_000, () => socket.destroy());
  });
}

type Clients = Readonly<Record<Role, Client>>;

/** A connection to each service. */
const connections = (addresses: Services['addresses']): Clients =>
  Object.fromEntries(ROLES.map((role) => [role, connection(addresses[role])])) as Record<Role, Client>;

/** Where a method is served. */
function rolesOf(methodPath: string): readonly Role[] {
  const service = methodPath.split('/')[1]!;
  return SHARED[service] ?? [ROLE_OF_PACKAGE[service.slice(0, service.lastIndexOf('.'))]!];
}

/** Makes the calls and reports what was seen. */
export async function makeHostileCalls(options: HostileOptions): Promise<HostileReport> {
  const { seed, requests, onServing, onEnd, log = () => undefined } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'hone-hostile-'));
  const { processes, addresses } = await startAll(folder);
  const ended: string[] = [];
  let stopping = false;
  for (const [role, { exited }] of processes)
    void exited.then((code) => void (stopping || ended.push(`${role} (exit code ${code})`)));
  // Each lane is a caller of its own: HTTP/2 ends a connection on which more than 33 streams a second are reset, for all its calls.
  const callers = Array.from({ length: CALLS_IN_FLIGHT }, () => connections(addresses));
  const statuses: Record<string, number> = {};
  const stalled: string[] = [];
  const defects = new Map<string, string>();
  try {
    const calls = new HostileCalls(seed, await populate(addresses), COSTLY);
    onServing?.(addresses);
    let made = 0;
    const lane = async (clients: Clients): Promise<void> => {
      while (made < requests && ended.length === 0) {
        const number = made++;
        const call = calls.next();
        const { path: method } = call.method;
        const roles = rolesOf(method);
        const role = roles[number % roles.length]!;
        if (number % 500 === 499)
          await sendNoise(addresses[role], Buffer.concat([...call.messages, Buffer.alloc(40, number)]));
        const { code, details, stalled: late } = await makeCall(clients[role], call);
        const name = GrpcStatus[code] ?? String(code);
        statuses[name] = (statuses[name] ?? 0) + 1;
        if (late) stalled.push(`${method} (request ${number})`);
        if (BROKEN.includes(code))
          defects.set(`${role} ${method} ${name}: ${details.slice(0, 80)}`, `request ${number}: ${details}`);
        if (number % 1000 === 999) log(`${number + 1} requests ${JSON.stringify(statuses)}`);
      }
    };
    await Promise.all(callers.map(lane));
    await onEnd?.();
    for (const role of ROLES) {
      if (!(await isServing(addresses[role], HEALTH_PATIENCE_MS))) stalled.push(`${role}: health`);
      const call = {
        method: contractTypes().methods.get(PROBES[role])!,
        messages: [Buffer.alloc(0)],
        behaviour: 'waits' as const,
      };
      for (const clients of callers)
        if ((await makeCall(clients[role], call)).stalled) stalled.push(`${role}: a connection`);
    }
  } finally {
    stopping = true;
    for (const client of callers.flatMap((clients) => Object.values(clients))) client.close();
    for (const role of ['orchestrator', ...ROLES] as const) await processes.get(role)!.end('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
  const described = [...defects].map(([kind, example]) => `${kind} (${example})`);
  return { requests, statuses, ended, stalled, defects: described };
}

/** A method of each that answers an empty request at once. */
const PROBES: Readonly<Record<Role, string>> = {
  sampler: '/hone.sampler.v1.SamplerService/Sample',
  scorer: '/hone.scorer.v1.ScorerService/ListScorers',
  'pair-builder': '/hone.pairbuilder.v1.RuleService/ListRules',
  trainer: '/hone.trainer.v1.TrainerService/Train',
  evaluator: '/hone.evaluator.v1.EvaluatorService/GetEvaluation',
  orchestrator: '/hone.orchestrator.v1.OrchestratorService/ListRuns',
};
