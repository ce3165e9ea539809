/** Settings by a name: a paper's, or those of a task that comes with Hone. */
import type { FieldViolation } from '@hone/errors';
import { isMapping } from '@hone/settings';

/** Settings of a recipe that stand behind those that a run states. */
export interface Preset {
  /** Small letters, digits and hyphens; no other preset of the recipe has it. */
  readonly name: string;
  /** One line: what for, and from where. */
  readonly summary: string;
  /** Some of the recipe's settings; the others have their defaults. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What of a recipe is asked for here. */
interface Presets {
  readonly name: string;
  readonly presets?: readonly Preset[];
}

/** Mappings are merged key by key; of anything else, what is stated is all there is. */
function merged(behind: unknown, stated: unknown): unknown {
  if (!isMapping(behind) || !isMapping(stated)) return stated === undefined ? behind : stated;
  const keys = [...new Set([...Object.keys(behind), ...Object.keys(stated)])];
  return Object.fromEntries(keys.map((key) => [key, merged(behind[key], stated[key])]));
}

const presetOf = ({ presets = [] }: Pick<Presets, 'presets'>, name: string): Preset | undefined =>
  presets.find((preset) => preset.name === name);

/** Stated settings with those of a preset behind them. An empty name is none; that a name is known says `presetViolations`. */
export function withPreset<Settings>(recipe: Pick<Presets, 'presets'>, name: string, stated: Settings): Settings {
  return merged(presetOf(recipe, name)?.settings, stated) as Settings;
}

/** What is wrong with the name of a preset. */
export function presetViolations(recipe: Presets, name: string): FieldViolation[] {
  if (name === '' || presetOf(recipe, name)) return [];
  const names = (recipe.presets ?? []).map((preset) => preset.name);
  const there = names.length > 0 ? `one of ${names.join(', ')}` : 'empty, for it has none';
  return [{ field: 'preset', description: `recipe ${recipe.name}: must be ${there}, but is "${name}"` }];
}
