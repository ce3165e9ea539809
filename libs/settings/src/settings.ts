import { invalidArguments, type FieldViolation } from '@hone/errors';
import { z } from 'zod';
import { ruleOf } from './broken-rule.ts';

/** An object whose every key has a range and a description, and a default where there can be one. */
export type SettingsSchema = z.ZodObject;

/** Every broken rule of some settings, by the way to its key: "training.lora", "schedule[1].temperature"; "" is the whole. */
export function violationsOf(schema: SettingsSchema, given: unknown): FieldViolation[] {
  const parsed = schema.safeParse(given, { reportInput: true });
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => violationsIn(issue, schema));
}

function violationsIn(issue: z.core.$ZodIssue, schema: SettingsSchema): FieldViolation[] {
  if (issue.code !== 'unrecognized_keys') return [{ field: pathOf(issue.path), description: ruleOf(issue) }];
  // Each by its own name, so that whoever reads it sees where it stands.
  const known = issue.path.length === 0 ? `: there are ${Object.keys(schema.shape).join(', ') || 'none'}` : '';
  const description = `is no setting${known}`;
  return issue.keys.map((key) => ({ field: pathOf([...issue.path, key]), description }));
}

/** The effective settings: those given, and the defaults of all others. Throws INVALID_ARGUMENT with every broken rule, behind `path`. */
export function readSettings<Schema extends SettingsSchema>(
  schema: Schema,
  given: unknown,
  path: string,
): z.output<Schema> {
  const violations = violationsOf(schema, given);
  if (violations.length === 0) return schema.parse(given);
  throw invalidArguments(violations.map(({ field, description }) => ({ field: joined(path, field), description })));
}

/** The settings as a JSON schema (draft 2020-12), with defaults, ranges and descriptions. */
export const schemaOf = (schema: SettingsSchema): object => z.toJSONSchema(schema, { io: 'input' });

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : joined(text, String(part))),
    '',
  );
}

const joined = (path: string, part: string): string =>
  path === '' || part === '' ? `${path}${part}` : `${path}.${part}`;
