/**
 * HoneError <-> gRPC status, the one place where errors cross the wire. A status carries google.rpc.ErrorInfo and, where
 * fields are at fault, google.rpc.BadRequest in the `grpc-status-details-bin` trailer.
 */
import { Metadata, status as GrpcStatus, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { Any, BadRequest, ErrorInfo, Status } from '@hone/contracts';
import { HoneError, StatusCode, toHoneError, type StatusCodeName } from '@hone/errors';

const DOMAIN = 'hone';
const DETAILS_KEY = 'grpc-status-details-bin';
const TYPE_PREFIX = 'type.googleapis.com/';
const ERROR_INFO_TYPE = `${TYPE_PREFIX}google.rpc.ErrorInfo`;
const BAD_REQUEST_TYPE = `${TYPE_PREFIX}google.rpc.BadRequest`;

function detailsOf(error: HoneError): Any[] {
  const info = ErrorInfo.fromPartial({ reason: error.reason, domain: DOMAIN, metadata: { ...error.metadata } });
  const details: Any[] = [{ typeUrl: ERROR_INFO_TYPE, value: Buffer.from(ErrorInfo.encode(info).finish()) }];
  if (error.violations.length > 0) {
    const bad = BadRequest.fromPartial({ fieldViolations: error.violations.map((violation) => ({ ...violation })) });
    details.push({ typeUrl: BAD_REQUEST_TYPE, value: Buffer.from(BadRequest.encode(bad).finish()) });
  }
  return details;
}

/** The error as google.rpc.Status, as it stands in trailers and in failed operations. */
export function toStatus(thrown: unknown): Status {
  const error = toHoneError(thrown);
  return { code: StatusCode[error.code], message: error.message, details: detailsOf(error) };
}

/** The error as grpc-js wants it from a handler. */
export function toGrpcStatus(thrown: unknown): Partial<StatusObject> {
  const status = toStatus(thrown);
  const metadata = new Metadata();
  metadata.set(DETAILS_KEY, Buffer.from(Status.encode(status).finish()));
  return { code: status.code, details: status.message, metadata };
}

/** The HoneError that a google.rpc.Status stands for. */
export function fromStatus(status: Status): HoneError {
  const info = status.details.find((detail) => detail.typeUrl === ERROR_INFO_TYPE);
  const bad = status.details.find((detail) => detail.typeUrl === BAD_REQUEST_TYPE);
  const { reason, metadata } = info ? ErrorInfo.decode(info.value) : { reason: '', metadata: {} };
  const violations = bad ? BadRequest.decode(bad.value).fieldViolations : [];
  const code = codeName(status.code);
  return new HoneError({
    code,
    reason: reason || code,
    message: status.message,
    violations: violations.map(({ field, description }) => ({ field, description })),
    metadata,
  });
}

/** The HoneError behind a failed call; `address` is named where the server could not be reached. */
export function fromServiceError(error: ServiceError, address?: string): HoneError {
  const [details] = error.metadata?.get(DETAILS_KEY) ?? [];
  if (Buffer.isBuffer(details)) return fromStatus(Status.decode(details));
  const place = error.code === GrpcStatus.UNAVAILABLE && address !== undefined ? `${address}: ` : '';
  const code = codeName(error.code);
  return new HoneError({ code, reason: code, message: `${place}${error.details || error.message}`, cause: error });
}

function codeName(code: number): StatusCodeName {
  const known = Object.entries(StatusCode).find(([, number]) => number === code);
  return known ? (known[0] as StatusCodeName) : 'INTERNAL';
}
