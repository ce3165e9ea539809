/** From a run file to a run: model, problems and demonstrations are uploaded, the spec names them. */
import path from 'node:path';
import { findContamination, loadBenchmark } from '@hone/benchmarks';
import {
  CreateRunRequest,
  envelopeFields,
  GetRecipeRequest,
  messageOf,
  type PartialMessage,
  type Run,
  type RunSpec,
} from '@hone/contracts';
import { callUnary } from '@hone/rpc';
import { type Progress, shortName } from '@hone/terminal';
import { checkpointName } from '../models/checkpoint-reference.ts';
import { namedByFileKeys } from '../spec/file-keys.ts';
import type { Clients } from '../platform/platform.ts';
import { scorerOf } from '../spec/run-file.ts';
import type { RunFile } from '../spec/run-keys.ts';
import { benchmarkOf } from '../spec/run-problems.ts';
import { importModel, uploadDemonstrations, uploadProblems } from '../files/uploads.ts';
import { readDemonstrations, withDatasets } from '../spec/warm-up-files.ts';

/** The name of what a run starts from; a model is imported for it. */
export async function baseCheckpoint(clients: Clients, run: RunFile, progress: Progress): Promise<string> {
  if (run.model === undefined) return checkpointName(run.checkpoint!);
  progress.phase('import model');
  const { name, parameterCount } = await importModel(clients, run.model, {
    onBytes: (done, total) => progress.update(Math.round(done / 2 ** 20), Math.round(total / 2 ** 20), 'MiB'),
  });
  progress.finish(`${(Number(parameterCount) / 1e6).toFixed(1)} million weights, ${shortName(name)}`);
  return name;
}

/** Names of what was uploaded for a run. */
export interface Uploaded {
  readonly checkpoint: string;
  readonly train: string;
  readonly validation?: string | undefined;
  readonly test: string;
  /** Datasets, by the position of their stage in the warm-up. */
  readonly demonstrations?: ReadonlyMap<number, string>;
}

/** The spec of a run file; what the file leaves out is left out. */
export function specOf(run: RunFile, uploaded: Uploaded): PartialMessage<RunSpec> {
  const { checkpoint, train, validation = '', test, demonstrations = new Map<number, string>() } = uploaded;
  const scorer = scorerOf(run);
  return {
    ...envelopeFields(
      {
        ...run.envelope,
        base_checkpoint: checkpoint,
        train_problem_set: train,
        validation_problem_set: validation,
        test_problem_set: test,
      },
      (file) => path.resolve(run.folder, file),
    ),
    ...(scorer && { scorer }),
    seed: BigInt(run.seed),
    settings: withDatasets(run.settings, demonstrations),
  };
}

/** Test problems that the run trains on would make its accuracy worthless. Generated splits never share a problem. */
async function noteContamination(run: RunFile, progress: Progress): Promise<void> {
  if ([run.train, run.test].some(({ benchmark }) => benchmark === 'arithmetic')) return;
  const [train, test] = [loadBenchmark(benchmarkOf(run, 'train')), loadBenchmark(benchmarkOf(run, 'test'))];
  const { overlaps, testProblems } = await findContamination(train, test);
  if (overlaps.length === 0) return;
  const exact = overlaps.filter((overlap) => overlap.exact).length;
  progress.note(
    `warning: ${overlaps.length} of ${testProblems} test problems stand among the training problems ` +
      `(${exact} equal, ${overlaps.length - exact} nearly; hone benchmarks contamination lists them)`,
  );
}

async function upload(clients: Clients, run: RunFile, progress: Progress): Promise<Uploaded> {
  const problems = async (part: 'train' | 'validation' | 'test'): Promise<string> =>
    (await uploadProblems(clients, loadBenchmark(benchmarkOf(run, part)))).name;
  const [train, test] = [await problems('train'), await problems('test')];
  const checkpoint = await baseCheckpoint(clients, run, progress);
  const validation = run.validation && (await problems('validation'));
  const demonstrations = new Map<number, string>();
  for (const [stage, file] of run.demonstrations)
    demonstrations.set(stage, (await uploadDemonstrations(clients, readDemonstrations(file))).name);
  return { checkpoint, train, validation, test, demonstrations };
}

/** How a run is created. */
export interface CreateRunOptions {
  /** Create none: the answer has the effective spec alone. */
  readonly validateOnly?: boolean;
  /** The request's id, from its spec: the same id is the same run. */
  readonly requestIdOf?: (spec: PartialMessage<RunSpec>) => string;
}

/** Creates the run. */
export async function createRun(
  clients: Clients,
  run: RunFile,
  progress: Progress,
  { validateOnly = false, requestIdOf = () => '' }: CreateRunOptions = {},
): Promise<Run> {
  // Before anything is uploaded: a recipe may be known to the orchestrator alone, or to nobody.
  const name = run.envelope.recipe ?? '';
  if (name !== '') await callUnary(clients.orchestrator, 'getRecipe', GetRecipeRequest.fromPartial({ name }));
  await noteContamination(run, progress);
  const spec = specOf(run, await upload(clients, run, progress));
  const request = messageOf(CreateRunRequest, { spec, validateOnly, requestId: requestIdOf(spec) });
  return namedByFileKeys(callUnary(clients.orchestrator, 'createRun', request));
}
