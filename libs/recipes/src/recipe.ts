/** What a recipe is. */
import { invalidArguments, type FieldViolation } from '@hone/errors';
import { z } from 'zod';
import type { Loop } from './loop.ts';
import { ruleOf } from './issues.ts';

/** Settings of a recipe: an object whose every key has a range and a description, and a default where there can be one. */
export type SettingsSchema = z.ZodObject;

/** A method: what it is, what can be set, and what it does. */
export interface Recipe<Schema extends SettingsSchema = SettingsSchema> {
  /** Small letters, digits and hyphens. */
  readonly name: string;
  /** Rises whenever the same settings may give another result. */
  readonly version: number;
  /** One line, for lists. */
  readonly summary: string;
  /** Where it comes from. */
  readonly paper: string;
  readonly settings: Schema;
  /** Rules between settings; the fields are paths of keys. */
  check?(settings: z.output<Schema>): FieldViolation[];
  run(loop: Loop, settings: z.output<Schema>): Promise<void>;
}

/** A recipe with its types worked out. */
export const defineRecipe = <Schema extends SettingsSchema>(recipe: Recipe<Schema>): Recipe<Schema> => recipe;

/** Broken rules of settings; paths are relative to the settings. */
export function violationsOf(recipe: Recipe, settings: unknown): FieldViolation[] {
  const parsed = recipe.settings.safeParse(settings, { reportInput: true });
  if (!parsed.success)
    return parsed.error.issues.map((issue) => ({ field: pathOf(issue.path), description: ruleOf(issue) }));
  return recipe.check?.(parsed.data) ?? [];
}

/** The effective settings: those given, and the defaults of all others. Every broken rule is named, behind `path`. */
export function settingsOf<Schema extends SettingsSchema>(
  recipe: Recipe<Schema>,
  settings: unknown,
  path: string,
): z.output<Schema> {
  const violations = violationsOf(recipe as unknown as Recipe, settings);
  if (violations.length > 0)
    throw invalidArguments(violations.map(({ field, ...rest }) => ({ ...rest, field: joined(path, field) })));
  return recipe.settings.parse(settings);
}

/** The settings as a JSON schema (draft 2020-12), with defaults, ranges and descriptions. */
export const schemaOf = ({ settings }: Pick<Recipe, 'settings'>): object => z.toJSONSchema(settings, { io: 'input' });

/** "training.lora", "schedule[1].temperature". */
function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : joined(text, part)), '');
}

const joined = (path: string, part: PropertyKey): string =>
  path === '' || part === '' ? `${path}${String(part)}` : `${path}.${String(part)}`;
