/** run.yaml: what a run starts from and its problems, and beside them the keys of the spec's envelope and of its recipe's settings. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { DEFAULT_SCORERS, type BenchmarkName } from '@hone/benchmarks';
import type { EnvelopeKeys, PartialMessage, ScorerRef } from '@hone/contracts';
import { invalidArgument, invalidArguments, type FieldViolation } from '@hone/errors';
import { parseHubName } from '@hone/hub';
import { envelope, fileKeyOf, presetViolations, RECIPES, violationsOf, withPreset, type Recipe } from '@hone/recipes';
import { isMapping, violationsOf as brokenRules, type Mapping } from '@hone/settings';
import { z } from 'zod';
import { checkProblems, PARTS, type Problems, type ProblemsOf } from './problem-parts.ts';
import { commonKeys, type Common, type RunFile } from './run-keys.ts';
import { scorerRef } from '../scoring/scorer-file.ts';
import { applySettings, type Setting } from './settings.ts';
import { takeDemonstrations } from './warm-up-files.ts';
import { readYamlFile } from '../files/yaml-file.ts';

/** ${NAME} and ${NAME:-default} of the environment, so that an example need not know where data lies. */
export function substitute(text: string): string {
  return text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (whole, name: string, fallback?: string) => {
    const value = process.env[name] ?? fallback;
    if (value === undefined)
      throw invalidArgument(whole, `the environment variable ${name} is not set, and there is no default`);
    return value;
  });
}

/** Problems of several benchmarks have no scorer of their own. */
function checkJudges(run: RunFile): void {
  const judges = new Set(PARTS.flatMap((part) => run[part]?.benchmark ?? []).map((name) => DEFAULT_SCORERS[name]));
  if (judges.size > 1 && run.scorer === undefined && run.scorers?.[run.benchmark] === undefined)
    throw invalidArgument(
      'scorer',
      `must be set where the benchmarks of the parts have several (${[...judges].join(', ')})`,
    );
}

/** Rules between keys. */
function checkTogether(run: RunFile): void {
  if (run.scorer !== undefined && run.scorers !== undefined)
    throw invalidArgument('scorers', 'must not be set beside scorer');
  if ((run.model === undefined) === (run.checkpoint === undefined))
    throw invalidArgument('model', 'exactly one of model (a folder or .gguf) and checkpoint (a name) must be set');
  if (run.difficulty && !PARTS.some((part) => run[part]?.benchmark === 'arithmetic'))
    throw invalidArgument('difficulty', `must not be set for benchmark ${run.benchmark}, whose problems are given`);
  checkJudges(run);
  if (run.settings['select'] && !run.validation)
    throw invalidArgument('validation', 'must be set where checkpoints are chosen');
  for (const part of PARTS) if (run[part]) checkProblems(part, run[part]);
}

/** A model beside the run file where there is one; else what may be a name of the hub stays as it is. */
function modelOf(model: string | undefined, beside: (name: string) => string): string | undefined {
  if (model === undefined) return undefined;
  return parseHubName(model) && !existsSync(beside(model)) ? model : beside(model);
}

/** Where a document comes from: what errors name, and the folder that its paths are relative to. */
interface Origin {
  readonly file: string;
  readonly folder: string;
}

/** The keys that are settings of the recipe: all that are not common to runs. */
export const settingsIn = (document: Mapping): Mapping =>
  Object.fromEntries(Object.entries(document).filter(([key]) => !Object.hasOwn(commonKeys.shape, key)));

/** Every broken rule of a document with these keys beside a recipe's, by its key. Settings of a recipe that is not known here are for the orchestrator to check. */
export function fileViolations(
  document: unknown,
  recipe: Recipe | undefined,
  keys: z.ZodRawShape = commonKeys.shape,
): FieldViolation[] {
  const schema = recipe ? z.strictObject({ ...keys, ...recipe.settings.shape }) : z.looseObject(keys);
  const violations = brokenRules(schema, document);
  if (violations.length > 0 || !recipe) return violations;
  const { preset = '' } = document as { readonly preset?: string };
  const settings = withPreset(recipe, preset, settingsIn(document as Mapping));
  return [...presetViolations(recipe, preset), ...violationsOf(recipe, settings)];
}

/** What a run file says of the envelope, by the names of the contract. */
function envelopeOf(common: Common, benchmark: BenchmarkName): EnvelopeKeys {
  const stated = Object.keys(envelope.shape).map((field) => [field, (common as Mapping)[fileKeyOf(field)]]);
  return { ...Object.fromEntries(stated.filter(([, value]) => value !== undefined)), benchmark };
}

/** Checks what a run file says; every broken rule is named with its path. */
export function checkRunFile(given: unknown, { file, folder }: Origin, recipes: readonly Recipe[] = RECIPES): RunFile {
  const { document, demonstrations } = takeDemonstrations(given, folder);
  const name = isMapping(document) ? document['recipe'] : undefined;
  const recipe = name === undefined || name === '' ? recipes[0] : recipes.find((known) => known.name === name);
  const violations = fileViolations(document, recipe);
  if (violations.length > 0)
    throw invalidArguments(violations.map(({ field, description }) => ({ field: field || file, description })));
  const settings = settingsIn(document as Mapping);
  const stated = z.object(commonKeys.shape).parse(document);
  const benchmark = stated.benchmark ?? stated.train.benchmark;
  if (benchmark === undefined) throw invalidArgument('benchmark', 'must be set, for all problems or in train');
  const beside = (name: string): string => path.resolve(folder, name);
  const part = (part: Problems): ProblemsOf => ({
    ...part,
    benchmark: part.benchmark ?? benchmark,
    file: part.file && beside(part.file),
  });
  const { train, validation, test, checkpoint, difficulty, prompt, scorer, scorers, seed } = stated;
  const run = {
    ...{ checkpoint, difficulty, prompt, scorer, scorers, seed, folder, benchmark, settings, demonstrations },
    ...{ train: part(train), validation: validation && part(validation), test: part(test) },
    model: modelOf(stated.model, beside),
    envelope: envelopeOf(stated, benchmark),
  };
  checkTogether(run);
  return run;
}

/** Reads and checks a run file, with settings in place of what it says. Paths in it are relative to the file. */
export function readRunFile(
  file: string,
  settings: readonly Setting[] = [],
  recipes: readonly Recipe[] = RECIPES,
): RunFile {
  const document = readYamlFile(file, 'run file', substitute);
  const changed = settings.length === 0 ? document : applySettings(document, settings);
  return checkRunFile(changed, { file, folder: path.dirname(file) }, recipes);
}

/** The scorer that a run names, for itself or for its benchmark; undefined where the choice is the orchestrator's. */
export function scorerOf({ scorer, scorers, benchmark, folder }: RunFile): PartialMessage<ScorerRef> | undefined {
  const entry = scorer ?? scorers?.[benchmark];
  return entry && scorerRef(entry, (file) => path.resolve(folder, file));
}
