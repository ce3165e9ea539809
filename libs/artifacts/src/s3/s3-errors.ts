import { cancelled, failedPrecondition, HoneError, notFound, toHoneError, unimplemented } from '@hone/errors';

/** What the client's errors say, whichever of its layers they come from. */
interface ClientError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}

/** Whether the server refused a write because something has the key already. */
export function isTaken(error: unknown): boolean {
  const { name, $metadata } = error as ClientError;
  return name === 'PreconditionFailed' || $metadata?.httpStatusCode === 412;
}

/** Whether two conditional writes of a key met; the later one has to try again. */
export function isConflict(error: unknown): boolean {
  return (error as ClientError).$metadata?.httpStatusCode === 409;
}

/** Whether there is no such object. */
export function isAbsent(error: unknown): boolean {
  const { name, $metadata } = error as ClientError;
  return name !== 'NoSuchBucket' && $metadata?.httpStatusCode === 404;
}

/**
 * The error of a request on `url` (bucket and key), once the client has given up. The client's own error is no cause of it:
 * what it holds of the request must not come into logs.
 */
export function s3Error(error: unknown, url: string): HoneError {
  if (error instanceof HoneError) return error;
  const { name, code, message, $metadata } = error as ClientError;
  const status = $metadata?.httpStatusCode;
  if (name === 'AbortError') return cancelled();
  if (code === 'ENOSPC' || code === 'EDQUOT') return toHoneError(error);
  if (name === 'NoSuchBucket') return notFound(url, 'its bucket does not exist; create it first');
  if (isAbsent(error)) return notFound(url, 'no such object is in the bucket');
  if (name === 'CredentialsProviderError') {
    const advice =
      'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another source of credentials that AWS clients know';
    return failedPrecondition('NO_CREDENTIALS', `${url}: no credentials for S3: ${advice}`, { url });
  }
  if (status === 401 || status === 403) {
    const advice = 'check the credentials and what they may do';
    return failedPrecondition('NO_PERMISSION', `${url}: S3 refuses (${name}): ${advice}`, { url });
  }
  if (status === 501) return unimplemented(`${url}: the S3 server does not know what Hone needs (${name}: ${message})`);
  const attempts = $metadata?.attempts ?? 1;
  return new HoneError({
    code: 'UNAVAILABLE',
    reason: 'STORE_UNAVAILABLE',
    message: `${url}: S3 failed after ${attempts} attempts (${[code ?? name, status, message].filter(Boolean).join(', ')})`,
    metadata: { url },
  });
}
