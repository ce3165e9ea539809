import { excerpt, invalidArguments, type FieldViolation } from '@hone/errors';
import { z } from 'zod';
import { ruleOf } from './broken-rule.ts';
import { jsonFaults } from './json-faults.ts';
import { keysOf, nearestKey } from './nearest-key.ts';
import { behind, pathOf } from './paths.ts';

/** An object whose every key has a range and a description, and a default where there can be one. */
export type SettingsSchema = z.ZodObject;

/** More of them help nobody to mend a request, and a hostile one breaks millions. */
export const MOST_VIOLATIONS = 100;
/** More unknown keys than that at one place are not told one by one. */
const MOST_UNKNOWN = 20;

/** Broken rules of some settings, all or the first hundred, by the way to its key: "training.lora", "schedule[1].temperature"; "" is the whole. */
export function violationsOf(schema: SettingsSchema, given: unknown): FieldViolation[] {
  const faults = jsonFaults(given);
  const parsed = schema.safeParse(given, { reportInput: true });
  const broken = parsed.success ? [] : parsed.error.issues.flatMap((issue) => violationsIn(issue, schema));
  const told = new Set(faults.map(({ field }) => field));
  return [...faults, ...broken.filter(({ field }) => !told.has(field))].slice(0, MOST_VIOLATIONS);
}

function violationsIn(issue: z.core.$ZodIssue, schema: SettingsSchema): FieldViolation[] {
  if (issue.code !== 'unrecognized_keys') return [{ field: pathOf(issue.path), description: ruleOf(issue) }];
  // Each by its own name, so that whoever reads it sees where it stands.
  return issue.keys
    .slice(0, MOST_UNKNOWN)
    .map((key) => ({ field: pathOf([...issue.path, excerpt(key, 80)]), description: isNoSetting(issue, key, schema) }));
}

function isNoSetting(issue: z.core.$ZodIssue, key: string, schema: SettingsSchema): string {
  const path = [...issue.path.filter((part) => typeof part === 'string'), key].join('.');
  const meant = nearestKey(path, keysOf(schema));
  if (meant !== undefined) return `is no setting (did you mean ${meant}?)`;
  const known = issue.path.length === 0 ? `: there are ${Object.keys(schema.shape).join(', ') || 'none'}` : '';
  return `is no setting${known}`;
}

/** The effective settings: those given, and the defaults of all others. Throws INVALID_ARGUMENT with every broken rule, behind `path`. */
export function readSettings<Schema extends SettingsSchema>(
  schema: Schema,
  given: unknown,
  path: string,
): z.output<Schema> {
  const violations = violationsOf(schema, given);
  if (violations.length === 0) return schema.parse(given);
  throw invalidArguments(behind(path, violations));
}

/** The settings as a JSON schema (draft 2020-12), with defaults, ranges and descriptions. */
export const schemaOf = (schema: SettingsSchema): object => z.toJSONSchema(schema, { io: 'input' });
