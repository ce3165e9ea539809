import type { EngineLog } from '@hone/engine';
import { logWorkFailure, withLogContext, type ServiceOptions } from '@hone/rpc';

/** The service's log, as the engine writes it. */
export const engineLog = (logger: ServiceOptions['logger']): EngineLog => ({
  info: (facts, message) => logger.info(facts, message),
  warn: (facts, message) => logger.warn(facts, message),
  error: (facts, message) => logger.error(facts, message),
  failed: (thrown, message, facts) => logWorkFailure(logger, thrown, message, facts),
  within: (run, work) => withLogContext({ run }, work),
});
