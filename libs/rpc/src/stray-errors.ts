/** Errors that nobody caught: of a call they are logged and the process goes on; of anything else they end it, and are logged too. */
import { toHoneError } from '@hone/errors';
import type { Logger } from 'pino';
import { logContext } from './log/context.ts';
import { failureFields, logFailure } from './log/failure.ts';

/**
 * What a promise of a call is rejected with and nobody waits for concerns that call alone. Any other uncaught error may have left the
 * process in a state that nobody knows, so it ends, and whoever started it starts another.
 */
export function guardProcess(logger: Logger): void {
  process.on('unhandledRejection', (reason) => {
    if (logContext().method !== undefined) return logFailure(logger, reason, 'an error of a call was not handled');
    logger.fatal(failureFields(reason), `an error was not handled; the process ends: ${toHoneError(reason).message}`);
    process.exit(1);
  });
  process.on('uncaughtException', (error) => {
    logger.fatal(failureFields(error), `an error was not caught; the process ends: ${error.message}`);
    process.exit(1);
  });
}
