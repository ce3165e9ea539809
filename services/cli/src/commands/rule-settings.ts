/** Settings of a dataset rule on the command line. */
import { InvalidArgumentError, Option } from 'commander';

/** NAME=VALUE, where the value is JSON or else a text. */
function setting(text: string, before: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('must be NAME=VALUE');
  return { ...before, [name]: jsonOrText(value) };
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

export const ruleSettingOption = (description: string): Option =>
  new Option('--set <name=value>', description).argParser(setting).default({}, 'none');
