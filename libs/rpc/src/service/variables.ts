/** The environment that processes of Hone read: each service gets its own part, and no secrets of others. */
import { ALL_SETTINGS } from './settings.ts';
import type { Role } from './roles.ts';

/** A variable that a library reads, or many of one beginning ("AWS_*"). */
export interface Variable {
  readonly name: string;
  readonly description: string;
  readonly roles: readonly Role[];
}

const STORE_USERS: readonly Role[] = ['sampler', 'pair-builder', 'trainer', 'evaluator', 'orchestrator'];

/** Beside the settings. */
export const VARIABLES: readonly Variable[] = [
  {
    name: 'HONE_CACHE_DIR',
    description: 'local copies of a store on S3; default: the user’s cache folder',
    roles: STORE_USERS,
  },
  {
    name: 'HONE_S3_*',
    description: 'ENDPOINT (default AWS), ATTEMPTS (6) and TIMEOUT_MS (30000) of a store on S3',
    roles: STORE_USERS,
  },
  {
    name: 'AWS_*',
    description: 'region and credentials of a store on S3, as AWS’s own tools read them',
    roles: STORE_USERS,
  },
  {
    name: 'HONE_ONNX_API',
    description: '"js": ONNX Runtime through its JavaScript API',
    roles: ['sampler', 'trainer'],
  },
  {
    name: 'HONE_JUDGE_*',
    description: 'keys of language models that judge, and …_ENDPOINT of each',
    roles: ['scorer'],
  },
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) =>
    [name, name.toLowerCase()].map((spelling): Variable => ({
      name: spelling,
      description: 'proxy for judges outside; never for loopback',
      roles: ['scorer'],
    })),
  ),
];

/** What every process may need of its surroundings: where programs, homes and certificates are, in which language and time zone. */
const SURROUNDINGS = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'TZ',
  'LANG',
  'LC_*',
  'XDG_CACHE_HOME',
  'LD_LIBRARY_PATH',
  'MALLOC_*',
  'OMP_*',
  'UV_THREADPOOL_SIZE',
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HONE_DEBUG',
] as const;

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

/** The part of an environment whose names match ("LC_*"). */
function partOf(environment: NodeJS.ProcessEnv, patterns: readonly string[]): NodeJS.ProcessEnv {
  const isWanted = ([name]: [string, unknown]): boolean => patterns.some((pattern) => matches(pattern, name));
  return Object.fromEntries(Object.entries(environment).filter(isWanted));
}

/** What a service is to have of an environment: what it reads, and its surroundings. */
export function environmentOf(role: Role, environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const settings = ALL_SETTINGS.filter(({ roles }) => roles.includes(role)).map(({ variable }) => variable);
  const libraries = VARIABLES.filter(({ roles }) => roles.includes(role)).map(({ name }) => name);
  // PG* is how PostgreSQL's clients are told of a server that DATABASE_URL names; to the embedded one they mean nothing good.
  const database = role === 'orchestrator' && environment['DATABASE_URL'] ? ['PG*'] : [];
  return partOf(environment, [...SURROUNDINGS, ...settings, ...libraries, ...database]);
}
