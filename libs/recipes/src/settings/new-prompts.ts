/** How a model writes new problems: what it is shown and asked. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { withInitial } from './initial.ts';
import { promptFormat } from './judge.ts';
import { whole } from './numbers.ts';
import { sampling } from './sampling.ts';

const SEPARATOR = '\n\n---\n\n';

const TEMPLATE = `Below are problems with a line of three hyphens behind each. Write one more of the same kind and in the same form, about something
else. Write the problem alone, without a solution, and end with a line of three hyphens.

{examples}`;

export const newPrompts = z.strictObject({
  count: whole(1, LIMITS.writtenProblems).describe(
    'Texts that the model writes in an iteration; what is cut off, empty or there already becomes no problem.',
  ),
  examples: whole(1, LIMITS.writtenExamples)
    .default(8)
    .describe('Training problems that are shown to the model each time, drawn anew; all where there are fewer.'),
  template: z
    .string()
    .max(LIMITS.scorerSettingChars)
    .includes('{examples}', 'must have {examples} in it')
    .default(TEMPLATE)
    .describe('What the model is asked; {examples} in it are the problems, with the separator behind each.'),
  separator: z
    .string()
    .min(1)
    .max(LIMITS.stopTextChars)
    .default(SEPARATOR)
    .describe('Stands behind every example, and ends what is written; white space around it need not be met.'),
  format: promptFormat,
  // What ends a problem is the separator.
  ...withInitial(sampling, { temperature: 0.6, top_p: 0.9 }).omit({ stop: true }).shape,
});
export type NewPromptSettings = z.output<typeof newPrompts>;
