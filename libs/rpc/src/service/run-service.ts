/** The process around a service: options, logs, readiness line, orderly end. */
import { setTimeout as delay } from 'node:timers/promises';
import { toHoneError } from '@hone/errors';
import type { Dependency } from '../health/readiness.ts';
import { failureFields } from '../log/failure.ts';
import { createLogger, LOG_LEVELS, type LogLevel } from '../log/logger.ts';
import { startServer } from '../server.ts';
import type { ServiceBinding } from '../service-binding.ts';
import { guardProcess } from '../stray-errors.ts';
import { helpOf } from './help.ts';
import { parseFlags, readSettings, type ServiceOptions } from './options.ts';
import type { Role } from './roles.ts';

/** What a role serves, what it cannot work without, and what it lets go of at the end. */
export interface ServiceParts {
  readonly services: readonly ServiceBinding[];
  readonly dependencies?: readonly Dependency[];
  close(): Promise<void>;
}

type CreateService = (options: ServiceOptions) => Promise<ServiceParts>;

/** What is not closed this long after all calls have ended is left to the end of the process. */
const CLOSE_TIMEOUT_MS = 30_000;

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

/** The level of the environment, also where it cannot be read: then the settings say so. */
function levelOfEnvironment(): LogLevel {
  return LOG_LEVELS.find((level) => level === process.env['HONE_LOG_LEVEL']) ?? 'info';
}

async function serve(role: Role, argv: readonly string[], create: CreateService): Promise<void> {
  const logger = createLogger(role, levelOfEnvironment());
  guardProcess(logger);
  const controller = new AbortController();
  const ended = endRequested();
  try {
    const settings = readSettings(role, parseFlags(argv));
    const parts = await create({ ...settings, role, logger, signal: controller.signal });
    const { services, dependencies = [] } = parts;
    const server = await startServer({ address: settings.address, services, dependencies, logger }).catch(
      async (thrown: unknown) => {
        await parts.close();
        throw thrown;
      },
    );
    const { address } = server;
    process.stdout.write(`${JSON.stringify({ event: 'listening', role, address, pid: process.pid })}\n`);
    logger.info({ address }, 'listening');
    const reason = await ended;
    logger.info({ reason }, 'draining');
    const drained = server.close(settings.drainMs);
    controller.abort();
    await drained;
    const closed = await Promise.race([parts.close().then(() => true), delay(CLOSE_TIMEOUT_MS, false)]);
    if (closed) logger.info('ended');
    else logger.warn({ seconds: CLOSE_TIMEOUT_MS / 1000 }, 'ended before all work was closed');
    process.exit(0);
  } catch (thrown) {
    const error = toHoneError(thrown);
    logger.fatal(failureFields(thrown), error.message);
    process.stderr.write(`error: ${role}: ${error.message}\n`);
    process.exit(1);
  }
}

/**
 * Runs a service until the process is asked to end. Prints one JSON line `{"event":"listening",…}` on stdout when it is
 * ready; logs go to stderr. An error before that is one clear line and exit code 1.
 */
export async function runService(role: Role, create: CreateService): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv.includes('--help') || argv.includes('-h')) process.stdout.write(helpOf(role));
  else if (argv.includes('--version')) process.stdout.write(`${process.env['HONE_VERSION'] ?? 'unbuilt'}\n`);
  else await serve(role, argv, create);
}
