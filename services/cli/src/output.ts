/** What people and programs read: lines, tables, one JSON document, and errors. */
import { HoneError, toHoneError } from '@hone/errors';
import Table from 'cli-table3';

/** Where a command writes. With `json` its result is the one document on stdout and everything else goes to stderr. */
export class Output {
  constructor(readonly json: boolean) {}

  /** A line for people. */
  line(text = ''): void {
    (this.json ? process.stderr : process.stdout).write(`${text}\n`);
  }

  /** The command's result: `text` for people, `document` for programs. */
  result(document: unknown, text: () => string): void {
    process.stdout.write(this.json ? `${JSON.stringify(document, null, 2)}\n` : `${text()}\n`);
  }
}

/** Rows under headings; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const numeric = head.map((_, column) => rows.every((row) => /^[-+±\d.,%\s/–…]*$/.test(row[column] ?? '')));
  const made = new Table({
    head: [...head],
    colAligns: numeric.map((yes) => (yes ? 'right' : 'left')),
    style: { head: [], border: [] },
  });
  made.push(...rows.map((row) => [...row]));
  return made.toString();
}

/** An error as one clear line; the stack only where it is asked for. */
export function describeError(thrown: unknown): string {
  const error = thrown instanceof HoneError ? thrown : toHoneError(thrown);
  const stack =
    process.env['HONE_DEBUG'] === '1' ? `\n${(error.cause as Error | undefined)?.stack ?? error.stack}` : '';
  const hint = error.code === 'INTERNAL' && stack === '' ? ' (this is a defect of Hone; HONE_DEBUG=1 shows where)' : '';
  return `error: ${error.message}${hint}${stack}`;
}

export const seconds = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
export const percent = (share: number): string => `${(100 * share).toFixed(1)}`;
export const gibibytes = (bytes: bigint | number): string => `${(Number(bytes) / 2 ** 30).toFixed(2)} GiB`;
export const mebibytes = (bytes: bigint | number): string => `${(Number(bytes) / 2 ** 20).toFixed(1)} MiB`;
/** Enough of a long name for people. */
export const shortName = (name: string): string => name.replace(/^(\w+\/[0-9a-f]{12})[0-9a-f]{20,}$/, '$1');
