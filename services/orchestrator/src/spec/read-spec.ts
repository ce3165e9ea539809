/** A run's spec as far as it can be read without a look at anything: every broken rule, and every default. */
import { DEFAULT_SCORERS } from '@hone/benchmarks';
import { checkScorerRef, envelopeKeysOf, ScorerRef, Violations, type RunBudget, type RunSpec } from '@hone/contracts';
import { failedPrecondition, invalidArguments } from '@hone/errors';
import { findRecipe, specViolations, withPreset, type Recipe } from '@hone/recipes';
import { behind, MOST_VIOLATIONS } from '@hone/settings';

/** A spec with its recipe; its settings are the effective ones. */
export interface ReadSpec {
  readonly spec: RunSpec;
  readonly recipe: Recipe;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Reads a spec for one of these recipes. Throws with every broken rule of its envelope, its settings and between them. */
export function readSpec(given: RunSpec, recipes: readonly Recipe[]): ReadSpec {
  const recipe = findRecipe(given.recipe, recipes);
  requireVersion(recipe, given.recipeVersion);
  const scorer = given.scorer ?? ScorerRef.fromPartial({ name: scorerOf(given.benchmark) });
  const violations = [
    ...behind('spec', specViolations(recipe, envelopeKeysOf(given), given.settings ?? {})),
    ...scorerViolations(scorer),
  ];
  if (violations.length > 0) throw invalidArguments(violations.slice(0, MOST_VIOLATIONS));
  const settings = recipe.settings.parse(withPreset(recipe, given.preset, given.settings ?? {}));
  // The settings say all that the preset did.
  const spec = { ...given, recipe: recipe.name, recipeVersion: recipe.version, preset: '', scorer, settings };
  return { spec, recipe, settings };
}

/** Who judges where nothing is said. */
const scorerOf = (benchmark: string): string =>
  (DEFAULT_SCORERS as Readonly<Record<string, string | undefined>>)[benchmark] ?? 'exact';

function scorerViolations(scorer: ScorerRef) {
  const violations = new Violations();
  checkScorerRef(scorer, 'spec.scorer', violations);
  return violations.all;
}

function requireVersion({ name, version }: Recipe, asked: number): void {
  if (asked === 0 || asked === version) return;
  const message = `spec.recipe_version: recipe ${name} is served in version ${version}, and version ${asked} is asked for`;
  throw failedPrecondition('OTHER_RECIPE_VERSION', message, { recipe: name, version: String(version) });
}

/** Checks a budget that stands alone. */
export function checkBudget(budget: RunBudget | undefined, path: string): void {
  if (!budget) return;
  const violations = new Violations();
  const { tokens, seconds, diskBytes } = budget;
  const rule = 'must be at least 0 (0 means no limit)';
  violations.require(tokens >= 0n, `${path}.tokens`, rule, String(tokens));
  // JSON, which budgets are kept as, has no infinity.
  violations.require(seconds >= 0 && Number.isFinite(seconds), `${path}.seconds`, rule, seconds);
  violations.require(diskBytes >= 0n, `${path}.disk_bytes`, rule, String(diskBytes));
  violations.throwIfAny();
}
