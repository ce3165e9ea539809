/**
 * HoneError <-> gRPC status, the one place where errors cross the wire. A status carries google.rpc.ErrorInfo and, where
 * fields are at fault, google.rpc.BadRequest in the `grpc-status-details-bin` trailer.
 */
import { Metadata, status as GrpcStatus, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { Any, BadRequest, ErrorInfo, Status } from '@hone/contracts';
import { excerpt, HoneError, printable, StatusCode, toHoneError, type StatusCodeName } from '@hone/errors';

const DOMAIN = 'hone';
const DETAILS_KEY = 'grpc-status-details-bin';
const TYPE_PREFIX = 'type.googleapis.com/';
const ERROR_INFO_TYPE = `${TYPE_PREFIX}google.rpc.ErrorInfo`;
const BAD_REQUEST_TYPE = `${TYPE_PREFIX}google.rpc.BadRequest`;

/**
 * A status is sent as headers of HTTP/2. Many peers take 8 KiB of those, and a block above 64 KiB is not sent at all, so that its call
 * never ends: text (as it is encoded there) and details (base64 makes 4 kB of them) stay below 6 kB in all.
 */
const MAX_TEXT_BYTES = 2_000;
const MAX_DETAILS_BYTES = 3_000;
/** Of the details, for facts; violations have what text and facts leave. */
const MAX_FACTS_BYTES = 700;
const MAX_FACT_CHARS = 200;
const MAX_VIOLATION_CHARS = 400;

/** A status text as it may be sent: well-formed, and short enough in the percent-encoding of the `grpc-message` header. */
export function statusText(text: string): string {
  let end = 0;
  let bytes = 0;
  const shown = excerpt(text, MAX_TEXT_BYTES);
  for (const character of shown) {
    bytes += encodeURI(character).length;
    if (bytes > MAX_TEXT_BYTES) return `${shown.slice(0, end)}…`;
    end += character.length;
  }
  return shown;
}

const packed = (typeUrl: string, value: Uint8Array): Any => ({ typeUrl, value: Buffer.from(value) });
const sizeOf = (text: string): number => Buffer.byteLength(text) + 4;

/** As many facts as there is room for. */
function factsOf(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const facts: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    const [key, fact] = [excerpt(name, 64), excerpt(value, MAX_FACT_CHARS)];
    bytes += sizeOf(key) + sizeOf(fact);
    if (bytes > MAX_FACTS_BYTES) break;
    facts[key] = fact;
  }
  return facts;
}

function detailsOf(error: HoneError, roomBytes: number): Any[] {
  const { reason, metadata, violations } = error;
  const shown: { field: string; description: string }[] = [];
  let left = roomBytes - MAX_FACTS_BYTES;
  for (const violation of violations) {
    const field = excerpt(violation.field, MAX_FACT_CHARS);
    const description = excerpt(violation.description, MAX_VIOLATION_CHARS);
    left -= sizeOf(field) + sizeOf(description) + 4;
    if (left < 0) break;
    shown.push({ field, description });
  }
  const cut = shown.length < violations.length ? { violations: String(violations.length) } : {};
  const info = ErrorInfo.fromPartial({ reason, domain: DOMAIN, metadata: factsOf({ ...cut, ...metadata }) });
  const details = [packed(ERROR_INFO_TYPE, ErrorInfo.encode(info).finish())];
  if (shown.length > 0) {
    const bad = BadRequest.fromPartial({ fieldViolations: shown });
    details.push(packed(BAD_REQUEST_TYPE, BadRequest.encode(bad).finish()));
  }
  return details;
}

/** The error as google.rpc.Status, as it stands in trailers and in failed operations. */
export function toStatus(thrown: unknown): Status {
  const error = toHoneError(thrown);
  const message = statusText(error.message);
  const details = detailsOf(error, MAX_DETAILS_BYTES - Buffer.byteLength(message));
  return { code: StatusCode[error.code], message, details };
}

/** The error as grpc-js wants it from a handler. */
export function toGrpcStatus(thrown: unknown): Partial<StatusObject> & { code: GrpcStatus; details: string } {
  const status = toStatus(thrown);
  const metadata = new Metadata();
  metadata.set(DETAILS_KEY, Buffer.from(Status.encode(status).finish()));
  const answer = { code: status.code, details: status.message, metadata };
  origins.set(answer, thrown);
  return answer;
}

/** What statuses were made of, for the log: causes and stacks do not cross the wire. */
const origins = new WeakMap<object, unknown>();

/** What was thrown where a handler's status was made of it. */
export const originOf = (status: object): unknown => origins.get(status);

/** The HoneError that a status of a handler stands for. */
export function fromGrpcStatus({ code = 0, details = '' }: Partial<StatusObject>): HoneError {
  const name = codeName(code);
  return HoneError.received({ code: name, reason: name, message: details });
}

/** The HoneError that a google.rpc.Status stands for. */
export function fromStatus(status: Status): HoneError {
  const info = status.details.find((detail) => detail.typeUrl === ERROR_INFO_TYPE);
  const bad = status.details.find((detail) => detail.typeUrl === BAD_REQUEST_TYPE);
  const { reason, metadata } = info ? ErrorInfo.decode(info.value) : { reason: '', metadata: {} };
  const violations = bad ? BadRequest.decode(bad.value).fieldViolations : [];
  const code = codeName(status.code);
  return HoneError.received({
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
  if (Buffer.isBuffer(details)) {
    try {
      return fromStatus(Status.decode(details));
    } catch {
      // The server may be anybody's program: details that cannot be read say nothing, the status itself still does.
    }
  }
  if (lostConnection(error)) return connectionLost(error, address);
  const code = codeName(error.code);
  const unreached = error.code === GrpcStatus.UNAVAILABLE ? address : undefined;
  const text = printable(plain(error.details || error.message));
  return HoneError.received({ code, reason: code, ...saidOf(unreached, text), cause: error });
}

/** What happened, with the server to which it did. */
const saidOf = (address: string | undefined, message: string) =>
  address === undefined ? { message, metadata: {} } : { message: `${address}: ${message}`, metadata: { address } };

/** Of a connection that broke under a call gRPC makes INTERNAL, which names a defect of the server; it is none, and passes. */
const lostConnection = ({ code, details }: ServiceError): boolean =>
  code === GrpcStatus.INTERNAL &&
  /^Received RST_STREAM with code \d+ triggered by internal client error: Session closed/.test(details);

function connectionLost(cause: ServiceError, address?: string): HoneError {
  const said = saidOf(address, 'the connection was closed under the call');
  return new HoneError({ code: 'UNAVAILABLE', reason: 'CONNECTION_LOST', ...said, cause });
}

/** What grpc-js says of a connection that was refused, without its own words around the cause. */
const plain = (text: string): string =>
  text.replace(/^No connection established\. Last error: (?:Error: )?(.*?)\. Resolution note:.*$/s, '$1');

function codeName(code: number): StatusCodeName {
  const known = Object.entries(StatusCode).find(([, number]) => number === code);
  return known ? (known[0] as StatusCodeName) : 'INTERNAL';
}
