/** Health that follows what a server needs: its store, its database, the services that it calls. */
import { toHoneError } from '@hone/errors';
import type { Logger } from 'pino';
import type { Health } from './health-service.ts';

/** Something that a server cannot work without. */
export interface Dependency {
  /** For people: "store", "database", "sampler 127.0.0.1:50051". */
  readonly name: string;
  /** Throws where it is not there; the signal is aborted when the answer is no longer waited for. */
  check(signal: AbortSignal): Promise<void>;
  /** Full names of the services that need it; default all of the server. */
  readonly neededBy?: readonly string[];
}

export interface ReadinessOptions {
  readonly health: Health;
  readonly services: readonly string[];
  readonly dependencies: readonly Dependency[];
  readonly logger: Logger | undefined;
  /** Pause between two looks. */
  readonly everyMs?: number | undefined;
}

const EVERY_MS = 2_000;
const CHECK_TIMEOUT_MS = 5_000;

/** Why it is not there; undefined where it is. A check that does not answer in time is a failed one. */
async function problemOf(dependency: Dependency, ending: AbortSignal): Promise<string | undefined> {
  const timeout = AbortSignal.timeout(CHECK_TIMEOUT_MS);
  const signal = AbortSignal.any([timeout, ending]);
  const late = new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve(`does not answer within ${CHECK_TIMEOUT_MS / 1000} s`), {
      once: true,
    });
  });
  const answer = dependency.check(signal).then(
    () => undefined,
    (thrown: unknown) => toHoneError(thrown).message,
  );
  return Promise.race([answer, late]);
}

/** Looks at all dependencies at once and then every few seconds, until it is ended. Changes leave a line in the log. */
export function followReadiness({ health, services, dependencies, logger, everyMs = EVERY_MS }: ReadinessOptions): {
  /** Resolves after the first look. */
  readonly known: Promise<void>;
  end(): void;
} {
  const ending = new AbortController();
  const away = new Map<Dependency, string>();
  let timer: NodeJS.Timeout | undefined;
  const note = (dependency: Dependency, problem: string | undefined): void => {
    const { name } = dependency;
    const known = away.has(dependency);
    if (problem === undefined && known) logger?.info({ dependency: name }, `${name} is there again`);
    if (problem !== undefined && !known) logger?.warn({ dependency: name }, `not ready: ${name}: ${problem}`);
    if (problem === undefined) away.delete(dependency);
    else away.set(dependency, problem);
  };
  const look = async (): Promise<void> => {
    const found = await Promise.all(
      dependencies.map(async (dependency) => [dependency, await problemOf(dependency, ending.signal)] as const),
    );
    if (ending.signal.aborted) return;
    for (const [dependency, problem] of found) note(dependency, problem);
    const missing = [...away.keys()];
    const isServing = (service: string): boolean =>
      !missing.some(({ neededBy }) => neededBy?.includes(service) ?? true);
    for (const service of services) health.set(service, isServing(service));
    health.set('', missing.length === 0);
    if (dependencies.length > 0) timer = setTimeout(() => void look(), everyMs).unref();
  };
  const end = (): void => {
    clearTimeout(timer);
    ending.abort();
  };
  return { known: look(), end };
}
