/** Starting the services as processes on loopback, and ending them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { failedPrecondition, HoneError, toHoneError } from '@hone/errors';
import { DEFAULT_PORTS, environmentOf, ROLES, type Role } from '@hone/rpc';
import { hone } from '../errors/advice.ts';
import { allowedFlags } from './allowed.ts';
import type { Addresses, Home } from './home.ts';
import { LogPart } from './log-part.ts';

/** A service that listens. */
interface ServiceProcess {
  readonly role: Role;
  readonly address: string;
  readonly child: ChildProcess;
  /** What it wrote. */
  readonly log: LogPart;
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
}

/** The services of a platform. */
export interface Services {
  readonly addresses: Addresses;
  /** Resolves with the reason when a service ends by itself. */
  readonly broken: Promise<HoneError>;
  /** Drains all services and waits for their end. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly home: Home;
  /** Port of the first service, the others behind it; 0 for any free ports. */
  readonly portBase: number;
  /** Whether runs that were under way when services of this home ended last go on by themselves. */
  readonly resumeRuns: boolean;
  /** Told when a service that ended by itself is started again; where absent, its end is that of all. */
  readonly onRestart?: (what: string) => void;
}

/** The orchestrator calls the others, the evaluator the sampler and scorer: they start behind those. */
const WAVES: readonly (readonly Role[])[] = [
  ['sampler', 'scorer', 'pair-builder', 'trainer'],
  ['evaluator'],
  ['orchestrator'],
];
const STOP_ORDER = WAVES.toReversed();

const RESUME_ADVICE = `go on with a run that this stopped by: ${hone('runs resume RUN')}`;
const LAST_LINES = 5;

/** The message of a line of a log, which is JSON unless something other than the logger wrote it. */
function messageOf(line: string): string {
  try {
    const { message } = JSON.parse(line) as { message?: unknown };
    return typeof message === 'string' ? message : line;
  } catch {
    return line;
  }
}

/** What a service's log says of its end, as one line: its stated error, else the last messages, and where to read on. */
export function reasonIn(log: string, file: string): string {
  const lines = log.trimEnd().split('\n');
  const stated = lines.findLast((line) => line.startsWith('error: '));
  const reason = stated
    ? stated.replace(/^error: ([a-z-]+: )?/, '')
    : lines.slice(-LAST_LINES).map(messageOf).join(' | ');
  return `${reason} (log: ${file})`;
}

/** The flags by which a service learns of parts that are not Hone's. */
export function ownFlags(role: Role, { own }: Home): string[] {
  const flag = (name: string, value: string | undefined): string[] => (value ? [`--${name}`, value] : []);
  if (role === 'orchestrator') return flag('recipes', own.recipes);
  if (role === 'sampler') return [...flag('engines', own.engines), ...flag('engine', own.samplingEngine)];
  if (role === 'trainer') return [...flag('engines', own.engines), ...flag('engine', own.trainingEngine)];
  return [];
}

function flagsOf(role: Role, address: string, home: Home, known: Partial<Record<Role, string>>): string[] {
  // Nobody calls the orchestrator.
  const called = Object.entries(known).filter(([peer]) => peer !== 'orchestrator');
  const peers = called.flatMap(([peer, peerAddress]) => [`--${peer}`, peerAddress]);
  return [
    '--address',
    address,
    '--store',
    home.store,
    '--state',
    home.state,
    ...(role === 'orchestrator' || role === 'evaluator' ? peers : []),
    ...ownFlags(role, home),
    ...allowedFlags(role, home),
  ];
}

/** Starts one service and waits until it listens. */
function start(
  role: Role,
  address: string,
  home: Home,
  known: Partial<Record<Role, string>>,
  extra: readonly string[] = [],
): Promise<ServiceProcess> {
  const entry = fileURLToPath(new URL(`../${role}/main.mjs`, import.meta.url));
  const log = LogPart.open(home.logFile(role));
  const child = spawn(process.execPath, [entry, ...flagsOf(role, address, home, known), ...extra], {
    // The pipe to its stdin ends with this process, however that ends, and the service with it.
    stdio: ['pipe', 'pipe', log.descriptor],
    env: { ...environmentOf(role), HONE_PARENT_PIPE: '1' },
    // Ctrl-C goes to this process only, which then ends the services in order.
    detached: true,
  });
  log.close();
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    void exited.then(() =>
      reject(failedPrecondition('SERVICE_FAILED', `${role} did not start: ${reasonIn(log.read(), log.file)}`)),
    );
    createInterface({ input: child.stdout! }).once('line', (line) => {
      const ready = JSON.parse(line) as { address: string };
      resolve({ role, address: ready.address, child, log, exited });
    });
  });
}

async function stopAll(processes: readonly ServiceProcess[]): Promise<void> {
  for (const wave of STOP_ORDER) {
    const ending = processes.filter(({ role }) => wave.includes(role));
    for (const { child } of ending) if (child.exitCode === null) child.kill('SIGTERM');
    await Promise.all(ending.map(({ exited }) => exited));
  }
}

/** One service that needs no other. */
export interface SingleService {
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts a service alone, on a free port. */
export async function startSingle(role: Role, home: Home): Promise<SingleService> {
  const service = await start(role, '127.0.0.1:0', home, {});
  return { address: service.address, stop: () => stopAll([service]) };
}

/** How a service ended by itself. */
function endOf({ role, child, log }: ServiceProcess): HoneError {
  const how = child.signalCode ?? `exit code ${child.exitCode}`;
  const reason = reasonIn(log.read(), log.file);
  return failedPrecondition('SERVICE_ENDED', `${role} ended (${how}), its last messages: ${reason}; ${RESUME_ADVICE}`);
}

/** A service that ends so often within this time ends for a reason. */
const MAX_RESTARTS = 3;
const RESTARTS_WITHIN_MS = 60_000;

/** Notes that a service is started again, unless it was too often of late. */
function diesTooOften(role: Role, restarts: Map<Role, number[]>): boolean {
  const now = performance.now();
  const recent = (restarts.get(role) ?? []).filter((time) => now - time < RESTARTS_WITHIN_MS);
  restarts.set(role, [...recent, now]);
  return recent.length >= MAX_RESTARTS;
}

/** Starts all services. Where one does not start, those that did are ended again. */
export async function startServices({ home, portBase, resumeRuns, onRestart }: StartOptions): Promise<Services> {
  const resumeFlag = ['--resume-runs', String(resumeRuns)];
  const running: ServiceProcess[] = [];
  const known: Partial<Record<Role, string>> = {};
  try {
    for (const wave of WAVES) {
      const started = await Promise.allSettled(
        wave.map((role) => {
          const port = portBase === 0 ? 0 : portBase + DEFAULT_PORTS[role] - DEFAULT_PORTS.sampler;
          return start(role, `127.0.0.1:${port}`, home, known, resumeFlag);
        }),
      );
      for (const result of started) if (result.status === 'fulfilled') running.push(result.value);
      for (const result of started) if (result.status === 'rejected') throw result.reason;
      for (const { role, address } of running) known[role] = address;
    }
  } catch (thrown) {
    await stopAll(running);
    throw thrown;
  }
  let stopping: Promise<void> | undefined;
  const broken = new Promise<HoneError>((resolve) => {
    const restarts = new Map<Role, number[]>();
    const watch = (service: ServiceProcess): void =>
      void service.exited.then(async () => {
        if (stopping) return;
        const ended = endOf(service);
        if (!onRestart || diesTooOften(service.role, restarts)) return resolve(ended);
        onRestart(`${ended.message}; it is started again`);
        const { role, address } = service;
        const successor = await start(role, address, home, known, resumeFlag).catch(toHoneError);
        if (successor instanceof HoneError)
          return resolve(failedPrecondition('SERVICE_ENDED', `${ended.message}; then ${successor.message}`));
        running.splice(running.indexOf(service), 1, successor);
        if (stopping) await stopAll([successor]);
        else watch(successor);
      });
    for (const service of running) watch(service);
  });
  const addresses = Object.fromEntries(ROLES.map((role) => [role, known[role]!])) as Addresses;
  return { addresses, broken, stop: () => (stopping ??= stopAll(running)) };
}
