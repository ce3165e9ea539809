/** Every broken rule of a run's spec: of the envelope, of the recipe's settings, and between them. */
import type { FieldViolation } from '@hone/errors';
import { LIMITS } from '@hone/limits';
import { behind, violationsOf as brokenRules } from '@hone/settings';
import { presetViolations, withPreset } from '../preset.ts';
import { violationsOf, type Recipe } from '../recipe.ts';
import { envelope, type Envelope } from './envelope.ts';
import { viewOf } from './loop-view.ts';

/** Paths are relative to the spec; those of settings begin with "settings". Settings of the preset that is named are taken in. */
export function specViolations(recipe: Recipe, given: object, stated: unknown): FieldViolation[] {
  const read = envelope.safeParse(given);
  const preset = read.data?.preset ?? '';
  const settings = withPreset(recipe, preset, stated);
  const readSettings = recipe.settings.safeParse(settings);
  return [
    ...brokenRules(envelope, given),
    ...presetViolations(recipe, preset),
    ...behind('settings', violationsOf(recipe, settings)),
    ...(read.success ? checkPolicies(read.data) : []),
    ...(read.success && readSettings.success ? checkTogether(read.data, readSettings.data) : []),
  ];
}

function checkPolicies({ policies }: Envelope): FieldViolation[] {
  return policies.flatMap(({ kind }, index) => {
    const isFirst = policies.findIndex((other) => other.kind === kind) === index;
    return isFirst
      ? []
      : [{ field: `policies[${index}].kind`, description: `must stand once only, but ${kind} stands twice` }];
  });
}

function checkTogether(read: Envelope, settings: object): FieldViolation[] {
  const { mostSamples, selects, validates } = viewOf(settings);
  const { validation_problem_set: validation, test_problem_set: test, problems_per_shard: problems } = read;
  const found: FieldViolation[] = [];
  const require = (holds: boolean, field: string, description: string): void =>
    void (holds || found.push({ field, description }));
  const needed = 'must be set where checkpoints are chosen or the warm-up has a target';
  require(!validates || validation !== '', 'validation_problem_set', needed);
  const apart = 'must not be the test set: what chooses checkpoints must not measure them';
  require(!selects || validation !== test, 'validation_problem_set', apart);
  const most = LIMITS.completionsPerShard;
  const fits = `times samples_per_problem (${mostSamples}) must be at most ${most} completions, but is ${problems}`;
  require(problems * mostSamples <= most, 'problems_per_shard', fits);
  return found;
}
