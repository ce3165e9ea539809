/** A run's spec by the keys of a run file: for people to read, and to change by the keys that they know. */
import { envelopeFields, envelopeKeysOf, messageOf, RunSpec, ScorerRef, type EnvelopeKeys } from '@hone/contracts';
import { invalidArgument, invalidArguments } from '@hone/errors';
import { envelope, fileEnvelopeKeys, fileKeyOf, RECIPES, scorerEntry, UPLOAD_KEYS, type Recipe } from '@hone/recipes';
import type { Mapping } from '@hone/settings';
import { shortName } from '@hone/terminal';
import yaml from 'yaml';
import { fileViolations, settingsIn } from './run-file.ts';
import { scorerKeys, scorerRef } from '../scoring/scorer-file.ts';
import { applySettings, type Setting } from './settings.ts';

/** Larger ones are no numbers of a run file. */
const isPlain = (seed: bigint): boolean => seed <= Number.MAX_SAFE_INTEGER;

/** The keys that decide how the run goes: all but model and problems. */
function courseOf(spec: RunSpec): Mapping {
  const stated = Object.entries(envelopeKeysOf(spec)).map(([field, value]) => [fileKeyOf(field), value] as const);
  return {
    ...Object.fromEntries(stated.filter(([key]) => Object.hasOwn(fileEnvelopeKeys, key))),
    ...(spec.scorer && { scorer: JSON.parse(JSON.stringify(scorerKeys(spec.scorer))) as object }),
    ...(isPlain(spec.seed) && { seed: Number(spec.seed) }),
    ...spec.settings,
  };
}

/** The whole spec; what was uploaded is named. */
export function specDocument(spec: RunSpec, nameOf = (name: string): string => name): Mapping {
  const { baseCheckpoint, trainProblemSet, validationProblemSet, testProblemSet, seed } = spec;
  const { name, recipe, recipe_version, benchmark, ...course } = courseOf(spec);
  return {
    ...{ name, recipe, recipe_version, benchmark },
    checkpoint: nameOf(baseCheckpoint),
    train: nameOf(trainProblemSet),
    ...(validationProblemSet !== '' && { validation: nameOf(validationProblemSet) }),
    test: nameOf(testProblemSet),
    ...course,
    seed: isPlain(seed) ? Number(seed) : String(seed),
  };
}

/** A spec for people. Texts stand in quotes: a stop text is often one end of line, which YAML's blocks hide. */
export const specText = (spec: RunSpec, nameOf = shortName): string =>
  yaml.stringify(specDocument(spec, nameOf), { lineWidth: 0, blockQuote: false }).trimEnd();

/** The spec that a document of course keys states, for the problems and the base of another. */
function specWith(spec: RunSpec, document: Mapping, recipe: Recipe | undefined): RunSpec {
  const violations = fileViolations(document, recipe, fileEnvelopeKeys);
  if (violations.length > 0) throw invalidArguments(violations);
  const { baseCheckpoint, trainProblemSet, validationProblemSet, testProblemSet } = spec;
  const keys = Object.fromEntries(Object.keys(envelope.shape).map((field) => [field, document[fileKeyOf(field)]]));
  const scorer = scorerEntry.optional().parse(document['scorer']);
  return {
    ...messageOf(RunSpec, envelopeFields(keys as EnvelopeKeys)),
    ...{ baseCheckpoint, trainProblemSet, validationProblemSet, testProblemSet },
    scorer:
      scorer &&
      messageOf(
        ScorerRef,
        scorerRef(scorer, (file) => file),
      ),
    seed: document['seed'] === undefined ? spec.seed : BigInt(document['seed'] as number),
    settings: settingsIn(document),
  };
}

/** Keys that stand for what is uploaded before a run: a run that goes on from another has its problems. */
const UPLOADED: readonly string[] = [...UPLOAD_KEYS, 'benchmark'];

/** A spec with settings of run-file keys in place of its own. */
export function changedSpec(
  spec: RunSpec,
  settings: readonly Setting[],
  recipes: readonly Recipe[] = RECIPES,
): RunSpec {
  const before = courseOf(spec);
  for (const setting of settings) {
    const key = setting.path.join('.');
    if (UPLOADED.includes(String(setting.path[0])))
      throw invalidArgument(
        '--set',
        `${key} cannot be changed in a fork, which keeps the run's problems: use hone run`,
      );
    if (key === 'preset')
      throw invalidArgument('--set', 'preset cannot be changed in a fork, whose settings are all stated: use hone run');
    if (JSON.stringify(applySettings(before, [setting])) === JSON.stringify(before))
      throw invalidArgument('--set', `${key} has this value already`);
  }
  if (settings.length === 0) return spec;
  const after = applySettings(before, settings) as Mapping;
  return specWith(
    spec,
    after,
    recipes.find(({ name }) => name === (after['recipe'] ?? spec.recipe)),
  );
}
