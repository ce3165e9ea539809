/**
 * request_id (AIP-155), the same in every call that takes one: the same id with the same payload is the same work, and is answered as
 * it was the first time; the same id with another payload is refused. An empty id is always new work.
 */
import { canonicalJson, digestOf } from '@hone/artifacts';
import { invalidArgument } from '@hone/errors';

/** A request by its id and by all that it asks. */
export interface RequestIdentity {
  /** In small letters; empty where the caller chose none. */
  readonly id: string;
  /** Of the request without its id. */
  readonly digest: string;
}

/** A message that carries an id. */
export interface IdentifiedRequest {
  readonly requestId: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Who a request is; its id must be a UUID. */
export function identify<Request extends IdentifiedRequest>(
  type: { toJSON(request: Request): unknown },
  request: Request,
): RequestIdentity {
  const id = request.requestId.toLowerCase();
  if (id !== '' && !UUID.test(id)) throw invalidArgument('request_id', 'must be a UUID or empty');
  return { id, digest: digestOf(canonicalJson(type.toJSON({ ...request, requestId: '' }))) };
}

/** Refuses a request whose id belongs to another payload. */
export function requireSamePayload(known: string, { digest }: RequestIdentity): void {
  if (known !== digest) throw invalidArgument('request_id', 'was used for another request already: take a new UUID');
}
