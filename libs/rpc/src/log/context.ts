/** What a process is at work on, carried along by its promises: every line of a log, and every call to another service, says so. */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface LogContext {
  /** The call that is being answered: "hone.sampler.v1.SamplerService/Sample". */
  readonly method?: string;
  /** The run that the work is for: "runs/{run}". */
  readonly run?: string;
}

const storage = new AsyncLocalStorage<LogContext>();

/** What is being worked on here. */
export const logContext = (): LogContext => storage.getStore() ?? {};

/** Does work whose lines and calls say what it is for. */
export function withLogContext<Result>(context: LogContext, work: () => Result): Result {
  return storage.run({ ...logContext(), ...context }, work);
}

/** Runs a call's handler so that what it leaves behind is known to be the call's; `path` is "/hone.x.v1.XService/Method". */
export const inCall = <Result>(path: string, work: () => Result): Result =>
  withLogContext({ method: path.slice(1) }, work);

/** The key of a call's metadata that names the run it is made for. Never trusted: it stands in logs only. */
export const RUN_KEY = 'hone-run';

const RUN_NAME = /^runs\/[\w.-]{1,100}(?:\/|$)/;

/** The run that a text names, where it names one. */
export function runIn(text: unknown): string | undefined {
  if (typeof text !== 'string' || !RUN_NAME.test(text)) return undefined;
  return text.split('/', 2).join('/');
}
