import { invalidArgument } from '@hone/errors';

/** How a server is spoken to. Credentials are the client's business: the variables and files that AWS clients know. */
export interface S3Settings {
  /** URL of an S3-compatible server; undefined means AWS. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** Tries of a request before it fails. */
  readonly attempts: number;
  /** Longest wait for a connection, an answer, or the next part of one. */
  readonly timeoutMs: number;
}

/** The settings that the environment makes: HONE_S3_ENDPOINT, HONE_S3_ATTEMPTS, HONE_S3_TIMEOUT_MS, AWS_REGION. */
export function s3Settings(environment: NodeJS.ProcessEnv = process.env): S3Settings {
  const { HONE_S3_ENDPOINT: endpoint, AWS_REGION: region, AWS_DEFAULT_REGION: fallback } = environment;
  if (endpoint !== undefined && !/^https?:\/\//.test(endpoint)) {
    throw invalidArgument('HONE_S3_ENDPOINT', `must be a URL as http://host:9000, but is ${endpoint}`);
  }
  return {
    endpoint,
    region: region ?? fallback ?? 'us-east-1',
    attempts: wholeNumber(environment, 'HONE_S3_ATTEMPTS', 6),
    timeoutMs: wholeNumber(environment, 'HONE_S3_TIMEOUT_MS', 30_000),
  };
}

function wholeNumber(environment: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = environment[name];
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 1) throw invalidArgument(name, `must be a whole number of at least 1`);
  return value;
}
