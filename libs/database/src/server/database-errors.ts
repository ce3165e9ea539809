/** What PostgreSQL and its driver report, as Hone's errors. */
import { failedPrecondition, HoneError, invalidArgument, resourceExhausted } from '@hone/errors';

/** Codes of the system: nobody listens, or the connection broke. */
const BROKEN = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
/** SQLSTATE classes and codes: connection exceptions, a server that ends, has crashed or is about to start. */
const AWAY = /^(08...|57P01|57P02|57P03|53300)$/;
/** The driver has no codes for these. */
const AWAY_MESSAGE = /connection terminated|timeout expired|timeout exceeded when trying to connect|not queryable/i;
const DISK_FULL = '53100';
const READ_ONLY = '25006';
const CREDENTIALS = /^28...$/;
/** Values that no column of their type can hold, such as a number out of range. */
const UNFIT_VALUE = /^22...$/;

interface DatabaseError {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** What a user can mend, and what passes by itself, gets a name; everything else stays what it is. */
export function databaseError(thrown: unknown): unknown {
  if (thrown instanceof HoneError) return thrown;
  const { code = '', message = '' } = thrown as DatabaseError;
  if (code === DISK_FULL) {
    const advice = "the orchestrator's database has no space left on its disk: free some space; runs go on then";
    return resourceExhausted('DATABASE_FULL', advice, thrown);
  }
  if (code === READ_ONLY) return unavailable('only reads for now: it is a standby', thrown);
  if (typeof code === 'string' && CREDENTIALS.test(code)) {
    return failedPrecondition(
      'DATABASE_REFUSED',
      `the database refuses the account of DATABASE_URL (${String(message)})`,
    );
  }
  // Requests are checked before; this is for what no check has thought of, such as a page token that was made up.
  if (typeof code === 'string' && UNFIT_VALUE.test(code))
    return invalidArgument('request', `holds a value that cannot be stored or looked up (${String(message)})`, thrown);
  const away = typeof code === 'string' && (BROKEN.has(code) || AWAY.test(code));
  return away || AWAY_MESSAGE.test(String(message)) ? unavailable(`is away (${String(message)})`, thrown) : thrown;
}

function unavailable(what: string, cause: unknown): HoneError {
  const message = `the orchestrator's database ${what}`;
  return new HoneError({ code: 'UNAVAILABLE', reason: 'DATABASE_UNAVAILABLE', message, cause });
}
