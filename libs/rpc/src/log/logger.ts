/** The log of a process: one JSON line an event on stderr. */
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { logContext } from './context.ts';
import { failureFields } from './failure.ts';
import { secretsOf } from './secrets.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * A logger whose lines hold `time` (ISO 8601, UTC), `level`, `service`, `pid`, `message`, and, where they are known, `method`,
 * `run`, `code`, `reason`, `cause` and `stack`. What the environment holds as a secret is never written.
 */
export function createLogger(
  service: string,
  level: LogLevel,
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Logger {
  const redact = secretsOf(process.env);
  return pino(
    {
      level,
      base: { service, pid: process.pid },
      messageKey: 'message',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ ...logContext() }),
      // Errors are taken apart by us: their own properties may hold what nobody should read, such as a URL with its password.
      serializers: { err: failureFields },
      hooks: { streamWrite: redact },
    },
    destination,
  );
}
