/** Errors that nobody caught: of a call they are logged and the process goes on; of anything else they end it, and are logged too. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger } from 'pino';

const call = new AsyncLocalStorage<{ readonly path: string }>();

/** Runs a call's handler so that what it leaves behind is known to be the call's. */
export function inCall<Result>(path: string, work: () => Result): Result {
  return call.run({ path }, work);
}

/**
 * What a promise of a call is rejected with and nobody waits for concerns that call alone. Any other uncaught error may have left the
 * process in a state that nobody knows, so it ends, and whoever started it starts another.
 */
export function guardProcess(logger: Logger): void {
  process.on('unhandledRejection', (reason) => {
    const path = call.getStore()?.path;
    if (path !== undefined) return logger.error({ err: reason, method: path }, 'an error of a call was not handled');
    logger.fatal({ err: reason }, 'an error was not handled; the process ends');
    process.exit(1);
  });
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'an error was not caught; the process ends');
    process.exit(1);
  });
}
