/**
 * The one set of errors of Hone. Libraries throw them where the fact is known; `@hone/rpc` translates them once, at the
 * edge, to a gRPC status with `google.rpc.ErrorInfo` (reason, domain) and `google.rpc.BadRequest` (field violations).
 */

import type { ReasonOf } from './reasons.ts';
import type { StatusCodeName } from './status-codes.ts';
import { excerpt } from './text.ts';

export { REASON_GROUPS, type Reason, type ReasonOf } from './reasons.ts';
export { StatusCode, type StatusCodeName } from './status-codes.ts';
export { excerpt, printable, wellFormed } from './text.ts';

/** A field of a request (dotted path, snake_case as in the proto) and the rule it broke. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** An error as any program may state it, or as it came from another process. */
export interface ReceivedError {
  readonly code: StatusCodeName;
  /** UPPER_SNAKE_CASE, stable: programs switch on it (google.rpc.ErrorInfo.reason). */
  readonly reason: string;
  /** What went wrong and what to do about it, for people. */
  readonly message: string;
  readonly violations?: readonly FieldViolation[];
  /** Short facts for programs (google.rpc.ErrorInfo.metadata). Never a secret. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error of Hone's own: with a reason that the table of reasons has for its code. */
export type HoneErrorOptions = {
  [Code in StatusCodeName]: ReceivedError & { readonly code: Code; readonly reason: ReasonOf<Code> };
}[StatusCodeName];

/** Longer messages are cut: a message may quote what a caller sent, and goes into logs, rows and statuses. */
const MAX_MESSAGE_CHARS = 8_000;

/** An error that knows its canonical code, a stable reason, and the fields at fault. */
export class HoneError extends Error {
  readonly code: StatusCodeName;
  readonly reason: string;
  readonly violations: readonly FieldViolation[];
  readonly metadata: Readonly<Record<string, string>>;

  constructor(options: HoneErrorOptions) {
    super(
      excerpt(options.message, MAX_MESSAGE_CHARS),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'HoneError';
    this.code = options.code;
    this.reason = options.reason;
    this.violations = options.violations ?? [];
    this.metadata = options.metadata ?? {};
  }

  /** What somebody else's error says, or one of Hone's that is said in other words: its reason stays. */
  static received(error: ReceivedError): HoneError {
    return new HoneError(error as HoneErrorOptions);
  }
}

/** A request or config value that breaks a rule: `INVALID_ARGUMENT` that names the field and the rule. */
export function invalidArgument(field: string, rule: string, cause?: unknown): HoneError {
  return new HoneError({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    message: `${field}: ${rule}`,
    violations: [{ field, description: rule }],
    cause,
  });
}

/** Several broken rules at once, so that a user mends them in one go. */
export function invalidArguments(violations: readonly FieldViolation[]): HoneError {
  return new HoneError({
    code: 'INVALID_ARGUMENT',
    reason: 'INVALID_FIELD',
    message: violations.map((violation) => `${violation.field}: ${violation.description}`).join('; '),
    violations,
  });
}

/** A named resource or file that does not exist. */
export function notFound(resource: string, advice: string): HoneError {
  return new HoneError({
    code: 'NOT_FOUND',
    reason: 'NOT_FOUND',
    message: `${resource} not found: ${advice}`,
    metadata: { resource },
  });
}

/** Stored or given data that is damaged: the message names the file and what is wrong in it. */
export function dataLoss(file: string, problem: string, cause?: unknown): HoneError {
  return new HoneError({
    code: 'DATA_LOSS',
    reason: 'CORRUPT_FILE',
    message: `${file}: ${problem}`,
    metadata: { file },
    cause,
  });
}

/** The system is not in the state that the call needs; the message says what to do first. */
export function failedPrecondition(
  reason: ReasonOf<'FAILED_PRECONDITION'>,
  message: string,
  metadata?: Record<string, string>,
): HoneError {
  return new HoneError({ code: 'FAILED_PRECONDITION', reason, message, ...(metadata ? { metadata } : {}) });
}

/** Disk, memory or a quota is used up. */
export function resourceExhausted(reason: ReasonOf<'RESOURCE_EXHAUSTED'>, message: string, cause?: unknown): HoneError {
  return new HoneError({ code: 'RESOURCE_EXHAUSTED', reason, message, cause });
}

/** The caller cancelled. */
export function cancelled(message = 'cancelled by the caller'): HoneError {
  return new HoneError({ code: 'CANCELLED', reason: 'CANCELLED', message });
}

/** A capability that this build or platform lacks; never a silent fallback. */
export function unimplemented(message: string): HoneError {
  return new HoneError({ code: 'UNIMPLEMENTED', reason: 'UNIMPLEMENTED', message });
}

/** A defect of Hone's own: an invariant that does not hold. */
export function internal(message: string, cause?: unknown): HoneError {
  return new HoneError({ code: 'INTERNAL', reason: 'INTERNAL', message, cause });
}

/** Throws `CANCELLED` where the signal is aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}

const SYSTEM_ERRORS: Readonly<Record<string, (path: string, cause: unknown) => HoneError>> = {
  ENOSPC: (path, cause) =>
    resourceExhausted(
      'DISK_FULL',
      `no space left on the disk while writing ${path}: free some space and resume`,
      cause,
    ),
  EDQUOT: (path, cause) =>
    resourceExhausted('DISK_FULL', `disk quota exceeded while writing ${path}: free some space and resume`, cause),
  EROFS: (path) => failedPrecondition('READ_ONLY', `${path} is on a read-only file system: choose another folder`),
  EACCES: (path) => failedPrecondition('NO_PERMISSION', `no permission for ${path}: change its owner or mode`),
  ENOENT: (path) => notFound(path, 'check the path'),
};

/**
 * Makes any thrown value a HoneError. System errors that a user can mend (disk full, no permission, missing file) keep
 * their meaning; everything else becomes `INTERNAL` with the original as its cause.
 */
export function toHoneError(thrown: unknown): HoneError {
  if (thrown instanceof HoneError) return thrown;
  if (thrown instanceof Error) {
    const { code, path } = thrown as NodeJS.ErrnoException;
    const known = code === undefined ? undefined : SYSTEM_ERRORS[code];
    if (known) return known(path ?? 'a file', thrown);
    if (thrown.name === 'AbortError') return cancelled();
    return internal(thrown.message, thrown);
  }
  return internal(String(thrown));
}
