/** What people and programs read: lines, tables, one JSON document, and errors. */
import { HoneError, toHoneError } from '@hone/errors';
import { hone } from './advice.ts';
import { prose, wrap } from './render/text.ts';
import { columnsOf } from './render/width.ts';

/**
 * Where a command writes. With `json` its result is the one document on stdout and everything else goes to stderr. Lines for people are
 * broken between words where the terminal ends.
 */
export class Output {
  constructor(readonly json: boolean) {}

  /** A line for people. */
  line(text = ''): void {
    const stream = this.json ? process.stderr : process.stdout;
    stream.write(`${wrap(text, columnsOf(stream))}\n`);
  }

  /** Paragraphs for people. */
  paragraphs(text: string): void {
    const stream = this.json ? process.stderr : process.stdout;
    stream.write(`${prose(text, columnsOf(stream))}\n`);
  }

  /** The command's result: `text` for people, `document` for programs. Where lines mean something, as in Markdown, they are kept. */
  result(document: unknown, text: () => string, { keepLines = false } = {}): void {
    if (this.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    else if (keepLines) process.stdout.write(`${text()}\n`);
    else this.line(text());
  }
}

/** An error as one clear line; the stack only where it is asked for. */
export function describeError(thrown: unknown): string {
  const error = thrown instanceof HoneError ? thrown : toHoneError(thrown);
  const stack =
    process.env['HONE_DEBUG'] === '1' ? `\n${(error.cause as Error | undefined)?.stack ?? error.stack}` : '';
  const hint = error.code === 'INTERNAL' && stack === '' ? ' (this is a defect of Hone; HONE_DEBUG=1 shows where)' : '';
  return `error: ${error.message}${hint}${commandFor(error)}${stack}`;
}

/** What to type to see what there is, in place of what was not found: services do not know of commands. */
const LISTS = {
  runs: 'runs list',
  checkpoints: 'checkpoints list',
  models: 'models list',
  recipes: 'recipes list',
};

function commandFor({ code, reason, metadata }: HoneError): string {
  if (reason === 'OUT_OF_MEMORY') return ' (HONE_MEMORY says how much the services may use)';
  const collection = /^(\w+)\//.exec(metadata['resource'] ?? '')?.[1] ?? '';
  if (code !== 'NOT_FOUND' || !Object.hasOwn(LISTS, collection)) return '';
  return ` (${hone(LISTS[collection as keyof typeof LISTS])})`;
}

export const seconds = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
export const percent = (share: number): string => `${(100 * share).toFixed(1)}`;
export const gibibytes = (bytes: bigint | number): string => `${(Number(bytes) / 2 ** 30).toFixed(2)} GiB`;
export const mebibytes = (bytes: bigint | number): string => `${(Number(bytes) / 2 ** 20).toFixed(1)} MiB`;
/** Enough of a long name for people. */
export const shortName = (name: string): string => name.replace(/^(\w+\/[0-9a-f]{12})[0-9a-f]{20,}$/, '$1');
/** A moment for people, in UTC: "2026-01-31 23:59". */
export const moment = (time: Date | undefined): string => time?.toISOString().slice(0, 16).replace('T', ' ') ?? '';
