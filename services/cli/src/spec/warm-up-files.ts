/** Demonstrations that a run file names by their file in place of a dataset: they are uploaded before the run is created. */
import path from 'node:path';
import type { Demonstration } from '@hone/benchmarks';
import { invalidArgument } from '@hone/errors';
import { isMapping, type Mapping } from '@hone/settings';
import { jsonLines } from '../files/json-lines.ts';

/** Files, by the position of their stage in the warm-up. */
export type Demonstrations = ReadonlyMap<number, string>;

/** Stands for a dataset until its file is uploaded. */
const STAND_IN = `datasets/${'0'.repeat(64)}`;

/** The document with datasets in place of files, and the files. */
export function takeDemonstrations(
  document: unknown,
  folder: string,
): { readonly document: unknown; readonly demonstrations: Demonstrations } {
  const files = new Map<number, string>();
  const stages = isMapping(document) ? document['warm_up'] : undefined;
  if (!isMapping(document) || !Array.isArray(stages)) return { document, demonstrations: files };
  const warm_up = stages.map((stage: unknown, index) => {
    const dataset = isMapping(stage) ? stage['dataset'] : undefined;
    if (typeof dataset !== 'string' || dataset.startsWith('datasets/')) return stage;
    files.set(index, path.resolve(folder, dataset));
    return { ...(stage as Mapping), dataset: STAND_IN };
  });
  return { document: { ...document, warm_up }, demonstrations: files };
}

/** Settings with the names of what was uploaded in place of the files. */
export function withDatasets(settings: Mapping, names: ReadonlyMap<number, string>): Mapping {
  const stages = settings['warm_up'];
  if (names.size === 0 || !Array.isArray(stages)) return settings;
  const warm_up = (stages as readonly Mapping[]).map((stage, index) => ({
    ...stage,
    dataset: names.get(index) ?? stage['dataset'],
  }));
  return { ...settings, warm_up };
}

/** The demonstrations of a file: {"prompt": "…", "completion": "…"} a line, optionally with "id". */
export async function* readDemonstrations(file: string): AsyncGenerator<Demonstration> {
  let line = 0;
  for await (const { where, row } of jsonLines(file)) {
    line += 1;
    const { id = `line ${line}`, prompt, completion } = row;
    if (typeof prompt !== 'string' || typeof completion !== 'string' || completion === '')
      throw invalidArgument(where, 'must have "prompt" and "completion" as texts');
    yield { id: String(id), prompt, completion };
  }
  if (line === 0) throw invalidArgument(file, 'holds no demonstrations');
}
