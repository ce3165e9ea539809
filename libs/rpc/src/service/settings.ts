/** What a service can be told: one table, which reads flags and variables and writes the help about them. */
import path from 'node:path';
import { resolveStoreLocation } from '@hone/artifacts';
import { invalidArgument } from '@hone/errors';
import { readMachine } from '@hone/machine';
import { LOG_LEVELS, type LogLevel } from '../log/logger.ts';
import { parseList } from '../host-port.ts';
import { parseAddresses, type NamedService } from '../reach.ts';
import { parsePeer } from '../replicas/addresses.ts';
import { parseMemorySize } from './memory-size.ts';
import { DEFAULT_PORTS, PEER_ROLES, ROLES, type PeerRole, type Role } from './roles.ts';

/** One setting: its flag goes before its variable, that before its default. */
export interface Setting<Value> {
  /** Without "--"; absent where only the environment says it. */
  readonly flag?: string;
  readonly variable: string;
  /** Services that read it. The others take it too, so that all can be started alike. */
  readonly roles: readonly Role[];
  /** What stands for the value in help: "<folder>". */
  readonly value: string;
  readonly description: string;
  readonly fallback: (role: Role) => string;
  /** The default in help, where it is not the one that this machine has. */
  readonly fallbackText?: string;
  /** Throws INVALID_ARGUMENT that names `field`. */
  readonly parse: (text: string, field: string) => Value;
}

const setting = <Value>(it: Setting<Value>): Setting<Value> => it;
const text = (value: string): string => value;
const STORE_USERS: readonly Role[] = ['sampler', 'pair-builder', 'trainer', 'evaluator', 'orchestrator'];

/** Longer than any time that a service is told of: a day. */
const MAX_DRAIN_MS = 86_400_000;

function integer(value: string, field: string, most = Number.MAX_SAFE_INTEGER): number {
  const parsed = /^\d+$/.test(value.trim()) ? Number(value) : NaN;
  if (Number.isSafeInteger(parsed) && parsed >= 1 && parsed <= most) return parsed;
  const range = most === Number.MAX_SAFE_INTEGER ? 'of at least 1' : `from 1 to ${most}`;
  throw invalidArgument(field, `must be a whole number ${range}, but is "${value}"`);
}

function oneOf<Value extends string>(values: readonly Value[]): (value: string, field: string) => Value {
  return (value, field) => {
    const found = values.find((known) => known === value);
    if (found !== undefined) return found;
    throw invalidArgument(field, `must be one of ${values.join(', ')}, but is "${value}"`);
  };
}

/** Of what is free at the start, so much that the machine does not come to swap, nor a container to its limit; other services compute too. */
const defaultMemory = (): number => Math.max(1, Math.floor(readMachine().memory.freeBytes * 0.6));

const PEER_USERS: Readonly<Record<PeerRole, readonly Role[]>> = {
  sampler: ['evaluator', 'orchestrator'],
  scorer: ['evaluator', 'orchestrator'],
  'pair-builder': ['orchestrator'],
  trainer: ['orchestrator'],
  evaluator: ['orchestrator'],
};

const peer = (role: PeerRole): Setting<string> =>
  setting({
    flag: role,
    variable: `HONE_${role.replaceAll('-', '_').toUpperCase()}_ADDRESS`,
    roles: PEER_USERS[role],
    value: '<host:port,…>',
    description: `where the ${role} listens; several addresses, or a name that stands for several, are replicas that share the work`,
    fallback: () => `127.0.0.1:${DEFAULT_PORTS[role]}`,
    parse: parsePeer,
  });

/** Servers of a role that requests may name. */
const allowList = (role: NamedService, roles: readonly Role[]): Setting<string[]> =>
  setting({
    flag: `allow-${role}s`,
    variable: `HONE_ALLOW_${role.toUpperCase()}S`,
    roles,
    value: '<host:port,…>',
    description: `${role}s that requests may name beside the deployment’s own: host:port, host:* or *; a service that listens on loopback also takes those there`,
    fallback: () => '',
    fallbackText: 'none',
    parse: parseAddresses,
  });

export const SETTINGS = {
  address: setting({
    flag: 'address',
    variable: 'HONE_ADDRESS',
    roles: ROLES,
    value: '<host:port>',
    description: 'where to listen; port 0 for any free one',
    fallback: (role) => `127.0.0.1:${DEFAULT_PORTS[role]}`,
    parse: text,
  }),
  storeDir: setting({
    flag: 'store',
    variable: 'HONE_STORE',
    roles: STORE_USERS,
    value: '<location>',
    description: 'artifact store that all services share: a folder, or s3://bucket/prefix',
    fallback: () => '.hone/store',
    parse: resolveStoreLocation,
  }),
  stateDir: setting({
    flag: 'state',
    variable: 'HONE_STATE',
    roles: ['orchestrator'],
    value: '<folder>',
    description: 'folder of the database',
    fallback: () => '.hone/state',
    parse: (value) => path.resolve(value),
  }),
  databaseUrl: setting({
    // Only by the environment: a URL may hold a password, which others could read from the command line.
    variable: 'DATABASE_URL',
    roles: ['orchestrator'],
    value: '<url>',
    description: 'a PostgreSQL server (14 or later) in place of the embedded one',
    fallback: () => '',
    fallbackText: 'the embedded server',
    parse: (value) => value || undefined,
  }),
  recipesDir: setting({
    flag: 'recipes',
    variable: 'HONE_RECIPES',
    roles: ['orchestrator'],
    value: '<folder>',
    description: "folder with recipes of your own (*.mjs), beside Hone's",
    fallback: () => '',
    fallbackText: 'none',
    parse: (value) => value && path.resolve(value),
  }),
  maxRuns: setting({
    flag: 'max-runs',
    variable: 'HONE_MAX_RUNS',
    roles: ['orchestrator'],
    value: '<number>',
    description: 'runs at work at a time',
    fallback: () => '2',
    parse: (value, field) => integer(value, field),
  }),
  resumeRuns: setting({
    flag: 'resume-runs',
    variable: 'HONE_RESUME_RUNS',
    roles: ['trainer', 'evaluator', 'orchestrator'],
    value: '<true|false>',
    description: 'go on with runs and operations that an earlier process left under way',
    fallback: () => 'true',
    parse: (value, field) => oneOf(['true', 'false'])(value, field) === 'true',
  }),
  engine: setting({
    flag: 'engine',
    variable: 'HONE_ENGINE',
    roles: ['sampler', 'trainer'],
    value: '<name>',
    description: 'what computes: one of Hone’s engines, or of --engines',
    fallback: () => 'onnxruntime',
    parse: text,
  }),
  enginesDir: setting({
    flag: 'engines',
    variable: 'HONE_ENGINES',
    roles: ['sampler', 'trainer'],
    value: '<folder>',
    description: "folder with engines of your own (<name>/index.mjs), beside Hone's",
    fallback: () => '',
    fallbackText: 'none',
    parse: (value) => value && path.resolve(value),
  }),
  threads: setting({
    flag: 'threads',
    variable: 'HONE_THREADS',
    roles: ['sampler', 'scorer', 'trainer'],
    value: '<number>',
    description: 'threads that computing may use',
    fallback: () => String(readMachine().cpus.usable),
    fallbackText: 'the CPUs that the process may use, within a container’s limit',
    parse: (value, field) => integer(value, field),
  }),
  memoryBytes: setting({
    flag: 'memory',
    variable: 'HONE_MEMORY',
    roles: ['sampler', 'trainer'],
    value: '<size>',
    description: 'memory that computing may use, such as 8GiB',
    fallback: () => String(defaultMemory()),
    fallbackText: '60 % of what is free at the start, within a container’s limit',
    parse: parseMemorySize,
  }),
  allowScorers: setting({
    flag: 'allow-scorers',
    variable: 'HONE_ALLOW_SCORERS',
    roles: ['evaluator', 'orchestrator'],
    value: '<host:port,…>',
    description:
      'scorers that requests may name beside the deployment’s own: host:port, host:* or *; a service that listens on loopback also takes those there',
    fallback: () => '',
    fallbackText: 'none',
    parse: parseAddresses,
  }),
  allowSamplers: allowList('sampler', ['evaluator', 'orchestrator']),
  allowTrainers: allowList('trainer', ['orchestrator']),
  allowEvaluators: allowList('evaluator', ['orchestrator']),
  allowJudges: setting({
    flag: 'allow-judges',
    variable: 'HONE_ALLOW_JUDGES',
    roles: ['scorer'],
    value: '<host:port,…>',
    description:
      'endpoints that requests may name for the scorer llm-judge: host:port, host:* or *; those of keys, and on loopback as above, need no listing',
    fallback: () => '',
    fallbackText: 'none',
    parse: parseAddresses,
  }),
  allowRules: setting({
    flag: 'allow-rules',
    variable: 'HONE_ALLOW_RULES',
    roles: ['pair-builder'],
    value: '<host:port,…>',
    description:
      'servers of dataset rules that requests may name: host:port, host:* or *; a service that listens on loopback also takes those there',
    fallback: () => '',
    fallbackText: 'none',
    parse: parseAddresses,
  }),
  certificates: setting({
    flag: 'certificates',
    variable: 'HONE_CERTIFICATES',
    roles: ['pair-builder', 'evaluator', 'orchestrator'],
    value: '<folder,…>',
    description:
      'folders and files with the certificates and keys that requests may name for reaching a scorer, a rule or a service',
    fallback: () => '',
    fallbackText: 'none',
    parse: parseList,
  }),
  drainMs: setting({
    flag: 'drain-ms',
    variable: 'HONE_DRAIN_MS',
    roles: ROLES,
    value: '<ms>',
    description: 'longest wait for calls under way at the end',
    fallback: () => '10000',
    parse: (value, field) => integer(value, field, MAX_DRAIN_MS),
  }),
  logLevel: setting<LogLevel>({
    variable: 'HONE_LOG_LEVEL',
    roles: ROLES,
    value: '<level>',
    description: `least level of the log on stderr: ${LOG_LEVELS.join(', ')}`,
    fallback: () => 'info',
    parse: oneOf(LOG_LEVELS),
  }),
} as const;

export const PEER_SETTINGS = Object.fromEntries(PEER_ROLES.map((role) => [role, peer(role)])) as Readonly<
  Record<PeerRole, Setting<string>>
>;

/** All settings, in the order of help. */
export const ALL_SETTINGS: readonly Setting<unknown>[] = [...Object.values(SETTINGS), ...Object.values(PEER_SETTINGS)];
