/** The messages between a parent process and its worker, and the form in which errors cross. */
import { HoneError, toHoneError, type FieldViolation, type StatusCodeName } from '@hone/errors';

export interface WireError {
  readonly code: StatusCodeName;
  readonly reason: string;
  readonly message: string;
  readonly violations: readonly FieldViolation[];
  readonly metadata: Readonly<Record<string, string>>;
  /** The child's stack of an error that is a defect; the parent's stack would say nothing. */
  readonly stack: string | undefined;
}

export type ParentMessage =
  | { readonly type: 'call'; readonly id: number; readonly method: string; readonly request: unknown }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'eventTaken'; readonly id: number }
  | { readonly type: 'close' };

export type ChildMessage =
  | { readonly type: 'event'; readonly id: number; readonly event: unknown }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: WireError };

/** CPU time and memory of the worker's process since it started. */
export interface WorkerUsage {
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
}

/** Answered by every worker; the name cannot be one of a handler. */
export const USAGE_METHOD = '$usage';

export function errorToWire(thrown: unknown): WireError {
  const { code, reason, message, violations, metadata, stack } = toHoneError(thrown);
  const origin = thrown instanceof Error ? thrown.stack : stack;
  return { code, reason, message, violations, metadata, stack: code === 'INTERNAL' ? origin : undefined };
}

export function errorFromWire(wire: WireError): HoneError {
  const { stack, ...options } = wire;
  const error = HoneError.received({ ...options, cause: stack });
  if (stack !== undefined) error.stack = stack;
  return error;
}
