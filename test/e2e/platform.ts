/** All six services as processes of their own on loopback, from the build, as `hone up` starts them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  EvaluatorServiceClient,
  FeedbackServiceClient,
  OperationsClient,
  OrchestratorServiceClient,
  TrainerServiceClient,
  UploadServiceClient,
} from '@hone/contracts';
import { connect, type Role } from '@hone/rpc';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KEPT_LOG_CHARS = 4_000;

/** A service's process. */
export interface ServiceProcess {
  readonly address: string;
  readonly pid: number;
  /** Resolves with its exit code, however it ends. */
  readonly exited: Promise<number | null>;
  /** Ends the process; resolves with its exit code (null where a signal ended it). */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/** Builds what the services run from. */
export async function buildServices(): Promise<void> {
  const { build } = (await import(path.join(ROOT, 'scripts/build.mjs'))) as { build(): Promise<boolean> };
  await build();
}

/** Starts a service and waits until it says where it listens. */
export async function startService(role: Role, flags: readonly string[]): Promise<ServiceProcess> {
  const main = path.join(ROOT, 'dist', role, 'main.mjs');
  const child: ChildProcess = spawn(process.execPath, [main, '--address', '127.0.0.1:0', ...flags], {
    // The pipe to its stdin ends it where this process dies.
    env: { ...process.env, HONE_PARENT_PIPE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let log = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-KEPT_LOG_CHARS)));
  const lines = createInterface({ input: child.stdout! });
  const ready = await Promise.race([once(lines, 'line') as Promise<[string]>, exited.then(() => undefined)]);
  if (!ready) throw new Error(`the ${role} ended before it listened:\n${log}`);
  const { address, pid } = JSON.parse(ready[0]) as { address: string; pid: number };
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
    child.kill(signal);
    return (await exited)[0];
  };
  return { address, pid, exited: exited.then(([code]) => code), end };
}

const WORKERS = ['sampler', 'scorer', 'pair-builder', 'trainer'] as const;
type WorkerRole = (typeof WORKERS)[number];

/**
 * The address by which others reach a service, or those of several; `flags` are what further ones are started with. By default each has
 * its own.
 */
export type Addressing = Partial<
  Record<WorkerRole, (own: ServiceProcess, flags: readonly string[]) => Promise<string>>
>;

/** Starts all services over a store and a state of their own. */
export async function startPlatform(addressing: Addressing = {}) {
  await buildServices();
  const folder = await mkdtemp(path.join(tmpdir(), 'hone-e2e-'));
  // Tests run beside each other: a second thread would wait for the core of another's.
  const common = ['--store', path.join(folder, 'store'), '--threads', '1'];
  const workers = await Promise.all(WORKERS.map((role) => startService(role, common)));
  const addressOf = async (role: WorkerRole, own: ServiceProcess): Promise<string> =>
    (await addressing[role]?.(own, common)) ?? own.address;
  const addresses = await Promise.all(WORKERS.map((role, index) => addressOf(role, workers[index]!)));
  const peers = WORKERS.flatMap((role, index) => [`--${role}`, addresses[index]!]);
  const evaluator = await startService('evaluator', [...common, ...peers]);
  const startOrchestrator = () =>
    startService('orchestrator', [
      ...common,
      ...peers,
      ...['--evaluator', evaluator.address, '--state', path.join(folder, 'state')],
    ]);
  let orchestrator = await startOrchestrator();
  let client = connect(OrchestratorServiceClient, orchestrator.address);
  let uploads = connect(UploadServiceClient, orchestrator.address);
  let feedback = connect(FeedbackServiceClient, orchestrator.address);
  const trainerClient = connect(TrainerServiceClient, workers[3]!.address);
  const trainerOperations = connect(OperationsClient, workers[3]!.address);
  const evaluatorClient = connect(EvaluatorServiceClient, evaluator.address);
  return {
    folder,
    trainer: trainerClient,
    trainerOperations,
    evaluator: evaluatorClient,
    get uploads() {
      return uploads;
    },
    get feedback() {
      return feedback;
    },
    get orchestrator() {
      return client;
    },
    /** host:port of the orchestrator, for commands. */
    get server() {
      return orchestrator.address;
    },
    /** Kills the orchestrator as a crash would, and starts it anew on the same state. */
    crashOrchestrator: async (): Promise<void> => {
      await orchestrator.end('SIGKILL');
      client.close();
      orchestrator = await startOrchestrator();
      client = connect(OrchestratorServiceClient, orchestrator.address);
      feedback.close();
      feedback = connect(FeedbackServiceClient, orchestrator.address);
      uploads.close();
      uploads = connect(UploadServiceClient, orchestrator.address);
    },
    /** Ends all processes in order; answers with their exit codes. */
    stop: async (): Promise<(number | null)[]> => {
      for (const it of [client, uploads, feedback, trainerClient, trainerOperations, evaluatorClient]) it.close();
      const codes = [await orchestrator.end('SIGTERM')];
      codes.push(...(await Promise.all([evaluator, ...workers].map((service) => service.end('SIGTERM')))));
      await rm(folder, { recursive: true, force: true });
      return codes;
    },
  };
}

export type Platform = Awaited<ReturnType<typeof startPlatform>>;
