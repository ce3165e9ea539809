/** The process around a service: options, logs, readiness line, orderly end. */
import { availableParallelism, freemem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { resolveStoreLocation } from '@hone/artifacts';
import { invalidArgument, toHoneError } from '@hone/errors';
import { pino, type Logger } from 'pino';
import { parseMemorySize } from './memory-size.ts';
import { startServer, type ServiceBinding } from './server.ts';
import { guardProcess } from './stray-errors.ts';

/** The services, and the port each listens on where nothing else is said. */
export const DEFAULT_PORTS = {
  sampler: 50051,
  scorer: 50052,
  'pair-builder': 50053,
  trainer: 50054,
  evaluator: 50055,
  orchestrator: 50056,
} as const;
export type Role = keyof typeof DEFAULT_PORTS;
export const ROLES = Object.keys(DEFAULT_PORTS) as Role[];

/** Addresses (host:port) of the services that others call. */
export type PeerAddresses = Readonly<Record<Exclude<Role, 'orchestrator'>, string>>;

/** What a service is started with. */
export interface ServiceOptions {
  readonly role: Role;
  readonly address: string;
  /** The artifact store that all services share: a folder, or `s3://bucket/prefix`. */
  readonly storeDir: string;
  /** Folder of the orchestrator's database. */
  readonly stateDir: string;
  /** The orchestrator's PostgreSQL server; undefined means one of its own, with its data in `stateDir`. */
  readonly databaseUrl: string | undefined;
  /** Runs that the orchestrator works on at a time. */
  readonly maxRuns: number;
  /** Whether the orchestrator goes on by itself with runs that an earlier process left under way. */
  readonly resumeRuns: boolean;
  /** Threads that computing may use. */
  readonly threads: number;
  /** Bytes of memory that computing may use. */
  readonly memoryBytes: number;
  readonly peers: PeerAddresses;
  readonly logger: Logger;
  /** Aborted when the process is asked to end. */
  readonly signal: AbortSignal;
}

/** What a role serves, and what it lets go of at the end. */
export interface ServiceParts {
  readonly services: readonly ServiceBinding[];
  close(): Promise<void>;
}

const PEER_ROLES = ROLES.filter((role): role is Exclude<Role, 'orchestrator'> => role !== 'orchestrator');

/** A setting: the flag, else the environment variable HONE_…, else the default. */
function setting(flags: Record<string, unknown>, name: string, fallback: string): string {
  const variable = `HONE_${name.replaceAll('-', '_').toUpperCase()}`;
  return String(flags[name] ?? process.env[variable] ?? fallback);
}

function integerSetting(flags: Record<string, unknown>, name: string, fallback: number): number {
  const text = setting(flags, name, String(fallback));
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw invalidArgument(`--${name}`, `must be a whole number of at least 1, but is "${text}"`);
  return value;
}

function booleanSetting(flags: Record<string, unknown>, name: string, fallback: boolean): boolean {
  const text = setting(flags, name, String(fallback));
  if (text !== 'true' && text !== 'false') {
    throw invalidArgument(`--${name}`, `must be "true" or "false", but is "${text}"`);
  }
  return text === 'true';
}

function parseFlags(argv: readonly string[]): Record<string, unknown> {
  const names = [
    'address',
    'store',
    'state',
    'max-runs',
    'resume-runs',
    'threads',
    'memory',
    'drain-ms',
    ...PEER_ROLES,
  ];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (thrown) {
    throw invalidArgument(
      'flags',
      `${(thrown as Error).message} (known: ${names.map((name) => `--${name}`).join(' ')})`,
    );
  }
}

/** Of what is free at the start, so much that the machine does not come to swap; other services compute too. */
const defaultMemory = (): number => Math.floor(freemem() * 0.6);

/** A peer's address: its flag, HONE_<ROLE>_ADDRESS, or its default port on loopback. */
function peerAddress(flags: Record<string, unknown>, role: Exclude<Role, 'orchestrator'>): string {
  const variable = `HONE_${role.replaceAll('-', '_').toUpperCase()}_ADDRESS`;
  return String(flags[role] ?? process.env[variable] ?? `127.0.0.1:${DEFAULT_PORTS[role]}`);
}

function optionsOf(
  role: Role,
  argv: readonly string[],
  logger: Logger,
  signal: AbortSignal,
): ServiceOptions & { drainMs: number } {
  const flags = parseFlags(argv);
  return {
    role,
    address: setting(flags, 'address', `127.0.0.1:${DEFAULT_PORTS[role]}`),
    storeDir: resolveStoreLocation(setting(flags, 'store', '.hone/store'), '--store'),
    stateDir: path.resolve(setting(flags, 'state', '.hone/state')),
    // Only by the environment: a URL may hold a password, which others could read from the command line.
    databaseUrl: process.env['DATABASE_URL'] || undefined,
    maxRuns: integerSetting(flags, 'max-runs', 2),
    resumeRuns: booleanSetting(flags, 'resume-runs', true),
    threads: integerSetting(flags, 'threads', availableParallelism()),
    memoryBytes: parseMemorySize(setting(flags, 'memory', String(defaultMemory())), '--memory'),
    drainMs: integerSetting(flags, 'drain-ms', 10_000),
    peers: Object.fromEntries(PEER_ROLES.map((peer) => [peer, peerAddress(flags, peer)])) as PeerAddresses,
    logger,
    signal,
  };
}

/** Resolves when the process is asked to end: a signal, or the parent's end where it said that it holds our stdin. */
function endRequested(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name));
    if (process.env['HONE_PARENT_PIPE'] === '1') {
      process.stdin.resume();
      process.stdin.once('end', () => resolve('parent ended'));
      process.stdin.once('error', () => resolve('parent ended'));
    }
  });
}

/**
 * Runs a service until the process is asked to end. Prints one JSON line `{"event":"listening",…}` on stdout when it is
 * ready; logs go to stderr. An error before that is one clear line and exit code 1.
 */
export async function runService(
  role: Role,
  create: (options: ServiceOptions) => Promise<ServiceParts>,
): Promise<void> {
  const logger = pino(
    { level: process.env['HONE_LOG_LEVEL'] ?? 'info', base: { role } },
    pino.destination({ fd: 2, sync: true }),
  );
  guardProcess(logger);
  const controller = new AbortController();
  const ended = endRequested();
  try {
    const options = optionsOf(role, process.argv.slice(2), logger, controller.signal);
    const parts = await create(options);
    const server = await startServer({ address: options.address, services: parts.services }).catch(
      async (thrown: unknown) => {
        await parts.close();
        throw thrown;
      },
    );
    process.stdout.write(
      `${JSON.stringify({ event: 'listening', role, address: server.address, pid: process.pid })}\n`,
    );
    logger.info({ address: server.address }, 'listening');
    const reason = await ended;
    logger.info({ reason }, 'draining');
    const drained = server.close(options.drainMs);
    controller.abort();
    await drained;
    await parts.close();
    logger.info('ended');
    process.exit(0);
  } catch (thrown) {
    const error = toHoneError(thrown);
    logger.fatal(
      { code: error.code, reason: error.reason, ...(error.code === 'INTERNAL' ? { err: thrown } : {}) },
      error.message,
    );
    process.stderr.write(`error: ${role}: ${error.message}\n`);
    process.exit(1);
  }
}
