/** `--set key=value`: keys of a run file by their paths, values as YAML has them. */
import { invalidArgument } from '@hone/errors';
import { InvalidArgumentError, Option } from 'commander';
import yaml from 'yaml';

/** A key of a run file and what it is set to. */
export interface Setting {
  /** From the outside in; elements of lists by their number. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** "training.learning_rate=1e-6" -> path and value. */
export function readSetting(text: string, before: readonly Setting[]): Setting[] {
  const [, path, value] = /^([A-Za-z_]\w*(?:\.\w+)*)=(.*)$/s.exec(text) ?? [];
  if (path === undefined || value === undefined) throw new InvalidArgumentError('must be key=value');
  try {
    const keys = path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    return [...before, { path: keys, value: yaml.parse(value) as unknown }];
  } catch (thrown) {
    if (!(thrown instanceof yaml.YAMLParseError)) throw thrown;
    throw new InvalidArgumentError(`is no YAML behind "=": ${thrown.message.split('\n')[0]}`);
  }
}

/** `--set`, as often as it is wanted. */
export const setOption = (): Option =>
  new Option(
    '--set <key=value>',
    'a key of the run file, such as training.learning_rate=1e-6; may be given several times',
  )
    .argParser(readSetting)
    .default([], 'none');

/** A document with settings in place of what it says. */
export function applySettings(document: unknown, settings: readonly Setting[]): unknown {
  const changed = new yaml.Document(document ?? {});
  for (const { path, value } of settings) {
    try {
      changed.setIn(path, changed.createNode(value));
    } catch (thrown) {
      throw invalidArgument('--set', `${path.join('.')} stands below something that has no keys`, thrown);
    }
  }
  return changed.toJS();
}
