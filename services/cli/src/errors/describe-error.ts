/** Errors as people read them, with what to type next. */
import { HoneError, toHoneError } from '@hone/errors';
import { hone } from './advice.ts';

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
