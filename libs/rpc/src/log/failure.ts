/** A failure as one line of a log. */
import { toHoneError, type StatusCodeName } from '@hone/errors';
import type { Logger } from 'pino';

/** Our own defects and damage are errors; what passes by itself or wants an operator is a warning; the rest is its caller's. */
const LEVELS: Partial<Record<StatusCodeName, 'error' | 'warn'>> = {
  INTERNAL: 'error',
  DATA_LOSS: 'error',
  UNAVAILABLE: 'warn',
  RESOURCE_EXHAUSTED: 'warn',
  DEADLINE_EXCEEDED: 'warn',
  ABORTED: 'warn',
};

/** Causes deeper than this say nothing new; an error may also be its own. */
const MAX_CAUSES = 8;

function chainOf(thrown: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let at = thrown; at !== undefined && at !== null && chain.length < MAX_CAUSES;) {
    chain.push(at);
    at = at instanceof Error ? at.cause : undefined;
  }
  return chain;
}

const textOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
const stackOf = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);

/** The fields of a failure's line: its code and reason, what caused it, and the stacks of what is a defect of our own. */
export function failureFields(thrown: unknown): Record<string, string> {
  const error = toHoneError(thrown);
  const causes = chainOf(error.cause);
  const isDefect = error.code === 'INTERNAL';
  // A worker's error has its stack as its cause; an error that was merely named INTERNAL says the same as its cause.
  const said = causes.map(textOf).filter((text) => text !== error.message && text !== error.stack);
  const isOnlyName = isDefect && causes[0] instanceof Error && causes[0].message === error.message;
  const stacks = [...new Set([...(isOnlyName ? [] : [error]), ...causes].map(stackOf))];
  return {
    code: error.code,
    ...(error.reason !== error.code && { reason: error.reason }),
    ...(said.length > 0 && { cause: said.join(': ') }),
    ...(isDefect && { stack: stacks.join('\ncaused by: ') }),
  };
}

/** Writes the one line of a call that failed; `what` stands before its message. */
export function logFailure(
  logger: Logger,
  thrown: unknown,
  what = '',
  fields: Readonly<Record<string, unknown>> = {},
): void {
  write(logger, LEVELS[toHoneError(thrown).code] ?? 'info', thrown, what, fields);
}

/** Writes the one line of work that failed behind its caller's back, such as an operation or a run: an operator wants to see it. */
export function logWorkFailure(
  logger: Logger,
  thrown: unknown,
  what: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  const { code } = toHoneError(thrown);
  write(logger, LEVELS[code] ?? (code === 'CANCELLED' ? 'info' : 'warn'), thrown, what, fields);
}

function write(
  logger: Logger,
  level: 'info' | 'warn' | 'error',
  thrown: unknown,
  what: string,
  fields: Readonly<Record<string, unknown>>,
): void {
  const { message } = toHoneError(thrown);
  logger[level]({ ...fields, ...failureFields(thrown) }, what === '' ? message : `${what}: ${message}`);
}
