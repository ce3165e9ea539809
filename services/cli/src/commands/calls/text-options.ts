/** Options that change what people write on a checkpoint or a model. */
import { InvalidArgumentError, type Command } from 'commander';

/** What is to change. */
export interface TextOptions {
  readonly name?: string;
  readonly notes?: string;
  readonly label: Readonly<Record<string, string>>;
  readonly unlabel: readonly string[];
  readonly json: boolean;
}

function label(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('must be key=value');
  return { ...before, [key]: value };
}

/** Adds the options to a command. */
export function addTextOptions(command: Command): Command {
  return command
    .option('--name <text>', 'a name for people')
    .option('--notes <text>', 'notes, in place of those before')
    .option('--label <key=value>', 'set a label; may be given several times', label, {})
    .option('--unlabel <keys...>', 'remove labels', [])
    .option('--json', 'as JSON', false);
}

/** The fields that the options change, over the labels that are there now, and the mask that names them. */
export function textChanges(
  { name, notes, label: added, unlabel }: TextOptions,
  labels: Readonly<Record<string, string>>,
  command: Command,
): { readonly fields: object; readonly updateMask: string[] } {
  const kept = Object.entries(labels).filter(([key]) => !unlabel.includes(key));
  const isLabelled = Object.keys(added).length > 0 || unlabel.length > 0;
  const changes: [path: string, isAsked: boolean, field: object][] = [
    ['display_name', name !== undefined, { displayName: name }],
    ['notes', notes !== undefined, { notes }],
    ['labels', isLabelled, { labels: { ...Object.fromEntries(kept), ...added } }],
  ];
  const asked = changes.filter(([, isAsked]) => isAsked);
  if (asked.length === 0) command.error('error: give --name, --notes, --label or --unlabel');
  return {
    fields: Object.assign({}, ...asked.map(([, , field]) => field)) as object,
    updateMask: asked.map(([path]) => path),
  };
}
