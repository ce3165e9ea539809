/** compare.yaml: the comparison, and the run file of each method and seed. */
import path from 'node:path';
import { namedInComparison, plannedRuns, readComparison, type Comparison } from '@hone/comparison';
import { HoneError, invalidArguments } from '@hone/errors';
import type { Recipe } from '@hone/recipes';
import { readYamlFile } from '../files/yaml-file.ts';
import { checkRunFile, substitute } from '../spec/run-file.ts';
import type { RunFile } from '../spec/run-keys.ts';

/** A run that is to be made. */
export interface Planned {
  readonly method: string;
  readonly seed: number;
  readonly file: RunFile;
}

/** Reads and checks all of it; what is wrong is named by the key of the file that says it. Paths are relative to the file. */
export function readComparisonFile(
  file: string,
  recipes: readonly Recipe[],
): { readonly comparison: Comparison; readonly planned: readonly Planned[] } {
  const comparison = readComparison(readYamlFile(file, 'comparison', substitute), file);
  const origin = { file, folder: path.dirname(file) };
  const planned = plannedRuns(comparison).map(({ method, seed, document }) => {
    try {
      return { method, seed, file: checkRunFile(document, origin, recipes) };
    } catch (thrown) {
      if (!(thrown instanceof HoneError) || thrown.violations.length === 0) throw thrown;
      throw invalidArguments(thrown.violations.map((violation) => namedInComparison(violation, method, comparison)));
    }
  });
  return { comparison, planned };
}
