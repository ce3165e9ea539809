/** Settings of any loss as keys beside its name, as a run file has them: which there are, what they mean, and what of them holds. */
import { ruleOf, type SettingsSchema } from '@hone/settings';
import { z } from 'zod';
import type { Loss } from './loss.ts';
import { findLoss, LOSSES } from './registry.ts';

type Values = Readonly<Record<string, unknown>>;

/** A setting as one loss has it. */
interface Setting {
  readonly loss: string;
  /** Without its default. */
  readonly schema: z.ZodType;
  readonly description: string;
  readonly initial: unknown;
}

function settingOf({ name, settings }: Loss, key: string): Setting {
  const outer = settings.shape[key] as z.ZodType;
  const schema = outer instanceof z.ZodDefault ? (outer.unwrap() as z.ZodType) : outer;
  const initial = outer instanceof z.ZodDefault ? outer.parse(undefined) : undefined;
  return { loss: name, schema, description: outer.description ?? '', initial };
}

/** A loss's settings of one range are checked by it; where losses differ, each checks its own. */
function commonSchema([first, ...others]: readonly Setting[]): z.ZodType {
  const ranges = [first!, ...others].map(({ schema }) => JSON.stringify(z.toJSONSchema(schema)));
  if (new Set(ranges).size === 1) return first!.schema;
  return [first!, ...others].every(({ schema }) => schema instanceof z.ZodNumber) ? z.number() : z.unknown();
}

/** What a key means to the first loss that has it, and which have it too, with their defaults. */
function describe(settings: readonly Setting[]): string {
  const { description } = settings[0]!;
  const names = (alike: boolean): string =>
    settings
      .filter((setting) => (setting.description === description) === alike)
      .map(({ loss, initial }) => `${loss} (${JSON.stringify(initial)})`)
      .join(', ');
  const others = names(false);
  return `${description} For ${names(true)}.${others && ` To others what docs/reference/losses.md says: ${others}.`}`;
}

/** A schema for each setting of any loss. None fills in a default, which depends on the loss; the one that is told is the first loss's. */
export function flatSettings(losses: readonly Loss[] = LOSSES): Record<string, z.ZodType> {
  const keys = new Set(losses.flatMap(({ settings }) => Object.keys(settings.shape)));
  return Object.fromEntries(
    [...keys].map((key) => {
      const held = losses.filter(({ settings }) => key in settings.shape).map((loss) => settingOf(loss, key));
      const initial = held[0]!.loss === losses[0]!.name ? held[0]!.initial : undefined;
      const told = { description: describe(held), ...(initial !== undefined && { default: initial }) };
      return [key, commonSchema(held).optional().meta(told)];
    }),
  );
}

/** What of these keys are settings of a loss. */
export function ownSettings({ settings }: { readonly settings: SettingsSchema }, given: Values): Values {
  return Object.fromEntries(
    Object.entries(given).filter(([key, value]) => key in settings.shape && value !== undefined),
  );
}

/** Whether some loss has this setting, and has it by default as it is given here: then it says nothing. */
const isSomeDefault = (losses: readonly Loss[], key: string, value: unknown): boolean =>
  losses.some((loss) => key in loss.settings.shape && settingOf(loss, key).initial === value);

/**
 * The effective keys: the loss's settings that were not given have its defaults. Settings that other losses have go where they stand at
 * a default, as in a spec whose loss was changed.
 */
export function withDefaults<Given extends Values & { readonly preference: string }>(
  given: Given,
  losses: readonly Loss[] = LOSSES,
): Given {
  const loss = findLoss(given.preference, losses);
  if (!loss) return given;
  const read = loss.settings.safeParse(ownSettings(loss, given));
  const others = new Set(losses.flatMap(({ settings }) => Object.keys(settings.shape)));
  const kept = Object.entries(given).filter(
    ([key, value]) => !others.has(key) || (!(key in loss.settings.shape) && !isSomeDefault(losses, key, value)),
  );
  const own = read.success ? read.data : ownSettings(loss, given);
  // A loss's settings stand behind its name.
  return Object.fromEntries(
    kept.flatMap(([key, value]) => [[key, value], ...(key === 'preference' ? Object.entries(own) : [])]),
  ) as Given;
}

/** Broken rules of the settings that stand beside a loss's name, by their keys. */
export function brokenSettings(
  given: Values & { readonly preference: string },
  losses: readonly Loss[] = LOSSES,
): { key: string; rule: string }[] {
  const loss = findLoss(given.preference, losses);
  if (!loss) return [];
  const read = loss.settings.safeParse(ownSettings(loss, given), { reportInput: true });
  const issues = read.success ? [] : read.error.issues;
  const foreign = losses
    .flatMap(({ settings }) => Object.keys(settings.shape))
    .filter(
      (key, index, all) => all.indexOf(key) === index && given[key] !== undefined && !(key in loss.settings.shape),
    );
  const own = Object.keys(loss.settings.shape).join(', ');
  return [
    ...issues.map((issue) => ({ key: String(issue.path[0]), rule: ruleOf(issue) })),
    ...foreign.map((key) => ({ key, rule: `is no setting of preference ${loss.name}, which has ${own || 'none'}` })),
  ];
}
