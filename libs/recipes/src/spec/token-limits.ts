/** Token limits that depend on the model: 0 in settings is resolved to what it means, so that the effective settings say it. */
import type { FieldViolation } from '@hone/errors';

/** The paper's for GSM8K, and what a completion gets where nothing else is said. */
const MOST_DEFAULT = 512;

/** Settings that have a limit of their own. */
const PARTS = ['sampling', 'evaluation', 'judge', 'new_prompts'] as const;
type Part = (typeof PARTS)[number];
type Parts = Readonly<Record<Part, { readonly max_tokens?: unknown } | undefined>>;

/** The limit of a part of settings; undefined where the recipe has none. */
function limitOf(settings: object, part: Part): number | undefined {
  const limit = (settings as Partial<Parts>)[part]?.max_tokens;
  return typeof limit === 'number' ? limit : undefined;
}

function withLimit<Settings extends object>(settings: Settings, part: Part, max_tokens: number): Settings {
  if (limitOf(settings, part) !== 0) return settings;
  return { ...settings, [part]: { ...(settings as Partial<Parts>)[part], max_tokens } };
}

/**
 * Settings whose limits are numbers of their own: 0 is 512, or half of the model's context where that is less, but for evaluation, whose 0
 * is that of sampling. `context` is the model's, in tokens; undefined where it is not known.
 */
export function withTokenLimits<Settings extends object>(settings: Settings, context: number | undefined): Settings {
  const standard = Math.min(MOST_DEFAULT, Math.max(1, Math.floor((context ?? Infinity) / 2)));
  const measured = limitOf(withLimit(settings, 'sampling', standard), 'sampling') ?? standard;
  return PARTS.reduce((before, part) => withLimit(before, part, part === 'evaluation' ? measured : standard), settings);
}

/** Limits that leave no room for a prompt; fields are paths of the settings. */
export function checkTokenLimits(settings: object, context: number): FieldViolation[] {
  return PARTS.flatMap((part) => {
    const limit = limitOf(settings, part) ?? 0;
    if (limit < context) return [];
    const rule = `must be below the ${context} tokens of the model's context, in which the prompt stands too`;
    return [{ field: `${part}.max_tokens`, description: `${rule}, but is ${limit}` }];
  });
}
