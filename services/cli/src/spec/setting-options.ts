/** Options of commands that are settings: their help, defaults and ranges are those of the schema. */
import { ruleOf } from '@hone/settings';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';

/** A text of the command line as the value that it states. */
function valueOf(text: string): unknown {
  const number = Number(text);
  return text.trim() === '' || Number.isNaN(number) ? text : number;
}

/** The option whose value is a key of some settings. */
export function settingOption(schema: z.ZodObject, key: string, flags: string): Option {
  const setting = schema.shape[key] as z.ZodType;
  const initial = setting.safeParse(undefined);
  const option = new Option(flags, setting.description);
  if (initial.success && initial.data !== undefined) option.default(initial.data);
  if (typeof initial.data === 'boolean') return option;
  return option.argParser((text) => {
    const checked = setting.safeParse(valueOf(text), { reportInput: true });
    if (checked.success) return checked.data;
    throw new InvalidArgumentError(checked.error.issues.map(ruleOf).join('; '));
  });
}
