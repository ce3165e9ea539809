/** Makes the runs of a comparison, some at a time. A run that is there already is found by its spec, and gone on with where it stands still. */
import { createHash } from 'node:crypto';
import {
  CancelRunRequest,
  GetRunRequest,
  messageOf,
  ResumeRunRequest,
  RunSpec,
  RunState,
  type PartialMessage,
  type Run,
} from '@hone/contracts';
import { HoneError } from '@hone/errors';
import { callUnary } from '@hone/rpc';
import { makeProgress, onInterrupt, type Output, type Progress } from '@hone/terminal';
import type { Clients } from '../platform/platform.ts';
import { baseCheckpoint, createRun } from '../run/create-run.ts';
import { watchRun } from '../run/watch.ts';
import type { Planned } from './comparison-file.ts';

/** A run that is over. */
export interface Ended extends Pick<Planned, 'method' | 'seed'> {
  readonly run: Run;
}

/** A UUID that follows from the spec and from what computes: the same comparison, given again, asks for the same runs. */
function requestIdOf(spec: PartialMessage<RunSpec>): string {
  const hash = createHash('sha256').update(`comparison\0${process.env.HONE_VERSION ?? ''}\0`);
  const hex = hash.update(RunSpec.encode(messageOf(RunSpec, spec)).finish()).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** What runs side by side tell: their notes alone, each with whose it is. */
const notesOf = (label: string, progress: Progress): Progress => ({
  phase() {},
  part() {},
  update() {},
  finish() {},
  stop() {},
  note: (text) => progress.note(`${label}: ${text}`),
});

/** Ended by its budget is an end as the last iteration is. */
export const isByBudget = ({ state, failure }: Run): boolean =>
  state === RunState.FAILED && failure?.reason === 'BUDGET_EXCEEDED';

const isOver = (run: Run): boolean => run.state === RunState.SUCCEEDED || isByBudget(run);
const isUnderWay = ({ state }: Run): boolean => state === RunState.QUEUED || state === RunState.RUNNING;

const getRun = ({ orchestrator }: Clients, name: string): Promise<Run> =>
  callUnary(orchestrator, 'getRun', GetRunRequest.fromPartial({ name }));

/** Models are imported once, not for each of their runs. */
async function withCheckpoints(clients: Clients, planned: readonly Planned[], progress: Progress): Promise<Planned[]> {
  const imported = new Map<string, string>();
  const result: Planned[] = [];
  for (const one of planned) {
    const { model } = one.file;
    if (model !== undefined && !imported.has(model))
      imported.set(model, await baseCheckpoint(clients, one.file, progress));
    const checkpoint = model === undefined ? one.file.checkpoint : imported.get(model);
    result.push({ ...one, file: { ...one.file, model: undefined, checkpoint } });
  }
  return result;
}

/** Has the orchestrator check each method before the first run starts. */
async function checkMethods(clients: Clients, planned: readonly Planned[], progress: Progress): Promise<void> {
  const firsts = planned.filter(({ seed }) => seed === planned[0]!.seed);
  for (const { method, file } of firsts)
    await createRun(clients, file, notesOf(method, progress), { validateOnly: true });
}

export interface RunAllOptions {
  readonly output: Output;
  /** Runs at a time. */
  readonly atOnce: number;
  /** The command that goes on where this one was stopped. */
  readonly again: string;
}

/** The runs of a comparison under way. */
class RunsUnderWay {
  private readonly names = new Set<string>();
  private isStopped = false;

  constructor(
    private readonly clients: Clients,
    private readonly progress: Progress,
  ) {}

  get stopped(): boolean {
    return this.isStopped;
  }

  /** Cancels all, and lets no other begin. */
  cancel(): void {
    this.isStopped = true;
    this.progress.note('stopping …');
    for (const name of this.names) this.cancelOne(name);
  }

  /** Lets no other begin; those under way stay so. */
  leave(): void {
    this.isStopped = true;
  }

  /** Makes a run, or goes on with it, to its end or until it stands still. */
  async follow({ method, seed, file }: Planned): Promise<Ended> {
    const label = `${method}, seed ${seed}`;
    const notes = notesOf(label, this.progress);
    const created = await createRun(this.clients, file, notes, { requestIdOf });
    if (isOver(created)) return { method, seed, run: await getRun(this.clients, created.name) };
    const { name, lastEvent } = isUnderWay(created) ? created : await this.resume(created, notes);
    notes.note(name);
    this.names.add(name);
    if (this.isStopped) this.cancelOne(name);
    try {
      return { method, seed, run: await this.watch(name, lastEvent, notes) };
    } finally {
      this.names.delete(name);
    }
  }

  private resume({ name }: Run, notes: Progress): Promise<Run> {
    notes.note('goes on');
    return callUnary(this.clients.orchestrator, 'resumeRun', ResumeRunRequest.fromPartial({ name }));
  }

  /** A run that failed is a result too. */
  private async watch(name: string, afterEvent: bigint, notes: Progress): Promise<Run> {
    try {
      return await watchRun(this.clients, name, notes, { afterEvent });
    } catch (thrown) {
      if (!(thrown instanceof HoneError) || thrown.reason !== 'RUN_FAILED') throw thrown;
      const run = await getRun(this.clients, name);
      notes.note(isByBudget(run) ? 'ended by its budget' : `failed: ${run.error}`);
      return run;
    }
  }

  private cancelOne(name: string): void {
    callUnary(this.clients.orchestrator, 'cancelRun', CancelRunRequest.fromPartial({ name })).catch((thrown: unknown) =>
      this.progress.note(thrown instanceof Error ? thrown.message : String(thrown)),
    );
  }
}

/** Makes all runs; Ctrl-C cancels those under way, and the same command goes on with them. */
export async function runAll(
  clients: Clients,
  planned: readonly Planned[],
  { output, atOnce, again }: RunAllOptions,
): Promise<Ended[]> {
  const progress = makeProgress(output);
  const runs = new RunsUnderWay(clients, progress);
  const ended: Ended[] = [];
  let release = (): void => {};
  try {
    const queue = await withCheckpoints(clients, planned, progress);
    await checkMethods(clients, queue, progress);
    // Before there is a run, nothing has to be stopped in order.
    release = onInterrupt(() => runs.cancel());
    progress.phase(`${planned.length} runs`);
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next && !runs.stopped; next = queue.shift()) {
        ended.push(await runs.follow(next));
        progress.update(ended.length, planned.length, 'runs');
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  } finally {
    runs.leave();
    release();
    progress.stop();
  }
  if (ended.length < planned.length || ended.some(({ run }) => run.state === RunState.CANCELLED)) throw stopped(again);
  return ended;
}

const stopped = (again: string): HoneError =>
  new HoneError({ code: 'CANCELLED', reason: 'RUN_STOPPED', message: `stopped; go on with: ${again}` });
