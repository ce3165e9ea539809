/** The options by which commands name a run file, and what they say in its place. */
import path from 'node:path';
import { envelopeFields } from '@hone/contracts';
import type { Command } from 'commander';
import { allowRules, allowScorer, allowServices } from '../platform/allowed.ts';
import { benchmarkFolder } from '../evaluation/problems.ts';
import type { Home } from '../platform/home.ts';
import { recipesOf } from './recipes.ts';
import { readRunFile, scorerOf } from './run-file.ts';
import type { RunFile } from './run-keys.ts';
import { withImported } from './run-problems.ts';
import { setOption, type Setting } from './settings.ts';

export interface RunFileOptions {
  readonly file: string;
  readonly recipe?: string;
  readonly preset?: string;
  readonly set: readonly Setting[];
}

export const addRunFileOptions = (command: Command): Command =>
  command
    .requiredOption('-f, --file <run.yaml>', 'what to run')
    .option('--recipe <name>', 'the recipe to follow, in place of that of the file (hone recipes list)')
    .option(
      '--preset <name>',
      'settings by a name, behind those of the file, in place of its preset (hone recipes show)',
    )
    .addOption(setOption());

/** The run file that the options name, with what they say. */
export async function runFileOf(home: Home, { file, recipe, preset, set }: RunFileOptions): Promise<RunFile> {
  const named = Object.entries({ recipe, preset }).filter(([, value]) => value !== undefined);
  const settings = [...named.map(([key, value]) => ({ path: [key], value })), ...set];
  return readyToRun(home, readRunFile(file, settings, await recipesOf(home)));
}

/** A run file with the files of what was imported. The home's services may reach the servers that it names. */
export async function readyToRun(home: Home, checked: RunFile): Promise<RunFile> {
  const run = await withImported(checked, benchmarkFolder(home));
  const scorer = scorerOf(run);
  if (scorer) allowScorer(home, scorer);
  allowRules(home, run.settings);
  allowServices(
    home,
    envelopeFields(run.envelope, (named) => path.resolve(run.folder, named)),
  );
  return run;
}
