/** Where the states of interrupted jobs lie. */
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson, digestOf, workFolder } from '@hone/artifacts';
import { TrainingSpec, type Engine } from '@hone/contracts';
import { codeVersion } from '@hone/rpc';
import type { TrainingJob } from '@hone/training-engine';

const MOST_AGE_DAYS = 14;
const MS_PER_DAY = 86_400_000;

const folderOf = (storeDir: string): string => path.join(workFolder(storeDir), 'training');

/** What computes a job, of which the steps depend on all that bytes do. */
interface Computing {
  readonly engine: Engine;
  readonly threads: number;
}

/** The folder of a job's state: the same for the same work by the same engine, whoever asks for it. */
export function stateFolder(
  job: Omit<TrainingJob, 'stateFolder' | 'stateSeconds'>,
  { engine, threads }: Computing,
): string {
  const { storeDir, spec, seed, ...rest } = job;
  const { name, version, device, precision } = engine;
  const work = {
    ...{ ...rest, spec: TrainingSpec.toJSON(spec), seed: seed.toString() },
    ...{ engine: { name, version, device, precision }, threads, codeVersion: codeVersion() },
  };
  return path.join(folderOf(storeDir), digestOf(canonicalJson(work)));
}

/** Removes states that nobody has come back for. */
export async function sweepStates(storeDir: string): Promise<void> {
  const parent = folderOf(storeDir);
  for (const name of await readdir(parent).catch(() => [])) {
    const folder = path.join(parent, name);
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > MOST_AGE_DAYS * MS_PER_DAY) await rm(folder, { recursive: true, force: true });
  }
}
