/** What a run made, by digests: what must stay the same whenever the code changes and the method does not. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { canonicalJson, type ArtifactStore } from '@hone/artifacts';
import {
  artifactsOf,
  digestOfName,
  JudgedProblem,
  resultOf,
  stepOf,
  type Evaluation,
  type Iteration,
  type Run,
} from '@hone/contracts';

/** A checkpoint. */
export interface ModelFacts {
  readonly checkpoint: string;
  /** sha256 of model.safetensors. */
  readonly weights: string;
  /** sha256 of adapter_model.safetensors, where a low-rank adapter was trained. */
  readonly adapter?: string;
}

/** A measurement. */
export interface MeasuredFacts {
  readonly greedy: number;
  readonly majority: number;
  /** sha256 of what became of each problem: verdicts, answers and votes. */
  readonly outcomes: string;
}

/** What an iteration drew, judged, paired, trained and measured, in this order: what differs first is where it began. */
export interface IterationFacts extends ModelFacts {
  /** sha256 of problems, prompts' tokens and seeds, which no result in floating point goes into. */
  readonly drawn?: string;
  /** sha256 of the rows, without fields that are newer than the record. */
  readonly completions?: string;
  readonly verdicts?: string;
  readonly pairs?: string;
  readonly validation?: MeasuredFacts;
  readonly test: MeasuredFacts;
}

export interface RunFacts {
  readonly base: ModelFacts;
  readonly iterations: readonly IterationFacts[];
  /** The iteration of the best checkpoint; absent where the run does not choose. */
  readonly best?: number;
}

/** Where facts are read. */
export interface Source {
  readonly store: ArtifactStore;
  /** Name of the adapter that a checkpoint was trained as; undefined where it was not. */
  adapterOf(checkpoint: string): Promise<string | undefined>;
}

/** The facts of a run that has ended. */
export async function factsOf(run: Run, source: Source): Promise<RunFacts> {
  const iterations: IterationFacts[] = [];
  for (const iteration of run.iterations) iterations.push(await iterationFacts(iteration, source));
  return {
    base: await modelFacts(run.spec!.baseCheckpoint, source),
    iterations,
    ...(run.bestCheckpoint && { best: run.bestIteration }),
  };
}

async function iterationFacts(iteration: Iteration, source: Source): Promise<IterationFacts> {
  const { store } = source;
  const { completions, verdicts, groups: pairs } = artifactsOf(iteration);
  const tested = stepOf(iteration, 'evaluate')?.result;
  if (tested?.$case !== 'evaluate') throw new Error(`iteration ${iteration.index} was not measured`);
  const validation = resultOf(iteration, 'select')?.evaluation;
  return {
    ...(completions && {
      drawn: await drawnIn(store, completions),
      completions: await completionsIn(store, completions),
      ...{ verdicts: verdicts!, pairs: pairs! },
    }),
    ...(await modelFacts(iteration.checkpoint, source)),
    ...(validation && { validation: await measuredFacts(validation, store) }),
    test: await measuredFacts(tested.value, store),
  };
}

async function modelFacts(checkpoint: string, { store, adapterOf }: Source): Promise<ModelFacts> {
  const folder = await store.openFolder(digestOfName('checkpoints', checkpoint, 'checkpoint'));
  const adapter = await adapterOf(checkpoint);
  const adapterFolder = adapter && (await store.openFolder(digestOfName('adapters', adapter, 'adapter')));
  return {
    checkpoint,
    weights: await digestOfFile(path.join(folder, 'model.safetensors')),
    ...(adapterFolder && { adapter: await digestOfFile(path.join(adapterFolder, 'adapter_model.safetensors')) }),
  };
}

async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function drawnIn(store: ArtifactStore, completions: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const row of store.readJsonLines(completions)) {
    const { problemId, promptTokenIds, completions: judged } = JudgedProblem.fromJSON(row);
    const seeds = judged.map(({ completion }) => String(completion!.seed));
    hash.update(JSON.stringify([problemId, Buffer.from(promptTokenIds).toString('base64'), ...seeds]));
  }
  return hash.digest('hex');
}

/** Fields that completions had none of when the record was made: every field that both have is compared. */
const NEW_FIELDS = ['engine', 'exactLogProbs'];

async function completionsIn(store: ArtifactStore, digest: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const row of store.readJsonLines<{ completions: { completion: Record<string, unknown> }[] }>(digest)) {
    for (const { completion } of row.completions)
      for (const field of NEW_FIELDS) Reflect.deleteProperty(completion, field);
    hash.update(`${canonicalJson(row)}\n`);
  }
  return hash.digest('hex');
}

async function measuredFacts({ name, greedy, majority }: Evaluation, store: ArtifactStore): Promise<MeasuredFacts> {
  const hash = createHash('sha256');
  // The first row repeats what was asked; a row each problem follows.
  const rows = store.readJsonLines<object>(digestOfName('evaluations', name, 'name'));
  await rows.next();
  for await (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
  return {
    greedy: greedy!.accuracy,
    majority: majority!.accuracy!.accuracy,
    outcomes: hash.digest('hex'),
  };
}
