/** What a recipe is. */
import { invalidArguments, type FieldViolation } from '@hone/errors';
import { behind, schemaOf as jsonSchemaOf, violationsOf as brokenRules, type SettingsSchema } from '@hone/settings';
import { z } from 'zod';
import type { Loop } from './loop.ts';
import type { Preset } from './preset.ts';

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
  /** Settings by a name, such as those of its paper for a task. */
  readonly presets?: readonly Preset[];
  /** Rules between settings; the fields are paths of keys. */
  check?(settings: z.output<Schema>): FieldViolation[];
  run(loop: Loop, settings: z.output<Schema>): Promise<void>;
}

/** A recipe with its types worked out. */
export const defineRecipe = <Schema extends SettingsSchema>(recipe: Recipe<Schema>): Recipe<Schema> => recipe;

/** Broken rules of settings; paths are relative to the settings. */
export function violationsOf(recipe: Recipe, settings: unknown): FieldViolation[] {
  const violations = brokenRules(recipe.settings, settings);
  return violations.length > 0 ? violations : (recipe.check?.(recipe.settings.parse(settings)) ?? []);
}

/** The effective settings: those given, and the defaults of all others. Every broken rule is named, behind `path`. */
export function settingsOf<Schema extends SettingsSchema>(
  recipe: Recipe<Schema>,
  settings: unknown,
  path: string,
): z.output<Schema> {
  const violations = violationsOf(recipe as unknown as Recipe, settings);
  if (violations.length > 0) throw invalidArguments(behind(path, violations));
  return recipe.settings.parse(settings);
}

/** Of settings that may break rules, what holds by itself, with its defaults: as much as others can say something about. */
export function soundSettings({ settings }: Pick<Recipe, 'settings'>, given: unknown): Record<string, unknown> {
  const stated = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};
  return Object.fromEntries(
    Object.entries(settings.shape).flatMap(([key, schema]) => {
      const read = z.safeParse(schema, stated[key]);
      return read.success && read.data !== undefined ? [[key, read.data]] : [];
    }),
  );
}

/** The settings as a JSON schema (draft 2020-12), with defaults, ranges and descriptions. */
export const schemaOf = ({ settings }: Pick<Recipe, 'settings'>): object => jsonSchemaOf(settings);
