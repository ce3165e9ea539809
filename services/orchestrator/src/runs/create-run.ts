/** CreateRun. */
import { randomBytes } from 'node:crypto';
import { CreateRunRequest, digestOfName, Run, RunState, Violations, type RunSpec } from '@hone/contracts';
import { HoneError, invalidArgument, invalidArguments, type FieldViolation } from '@hone/errors';
import { findRecipe, soundSettings, withPreset, type Recipe } from '@hone/recipes';
import { identify, type RequestIdentity } from '@hone/listing';
import { codeVersion } from '@hone/rpc';
import type { ReachSettings, ReplicaSets } from '@hone/rpc';
import { noteUnreachableScorers, requireScorers } from '@hone/scoring';
import { checkRules } from '../spec/check-rules.ts';
import { noteUnreachableServices, requireServices } from '../spec/named-services.ts';
import { appendEvent, findRunByRequest, getRun, insertRun, type RunRecord } from '@hone/engine';
import { holdCheckpoint } from '@hone/registry';
import { readSpec, type ReadSpec } from '../spec/read-spec.ts';
import { resolveSpec } from '../spec/resolve-spec.ts';
import { wholeRun, type RunsOptions } from './runs.ts';

/** What CreateRun needs. */
export interface CreateRunOptions extends RunsOptions {
  readonly recipes: readonly Recipe[];
  readonly peers: ReplicaSets;
  /** What the operator listed of other services that a run may name. */
  readonly reachSettings: ReachSettings;
}

/** An id that sorts by time and that people can type: "20260131-235959-1a2b3c". */
function newRunId(): string {
  const digits = new Date().toISOString().replace(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${randomBytes(3).toString('hex')}`;
}

const soundOf = (recipe: Recipe, { preset, settings }: RunSpec) =>
  soundSettings(recipe, withPreset(recipe, preset, settings ?? {}));

/** Reads a spec with the dataset rules that it names; every fault of both is told at once. */
async function readWithRules({ recipes, peers }: CreateRunOptions, given: RunSpec): Promise<ReadSpec> {
  const faults: FieldViolation[] = [];
  const read = await gather(faults, async () => readSpec(given, recipes));
  const readable = read?.settings ?? soundOf(findRecipe(given.recipe, recipes), given);
  const settings = await gather(faults, () => checkRules(peers.at('pair-builder'), readable));
  if (faults.length > 0) throw invalidArguments(faults);
  return { ...read!, settings: settings! };
}

/** What work gives, or undefined where its request is at fault, which is noted. What is at fault already is told before any other error. */
async function gather<Result>(faults: FieldViolation[], work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (thrown) {
    const found = thrown instanceof HoneError ? thrown.violations : [];
    if (found.length === 0 && faults.length > 0) throw invalidArguments(faults);
    if (found.length === 0) throw thrown;
    faults.push(...found);
    return undefined;
  }
}

/** Checks a spec in the order in which it costs more; gives the effective one. */
async function effectiveSpec(options: CreateRunOptions, given: RunSpec): Promise<RunSpec> {
  const { database, store, reach, peers } = options;
  const read = await readWithRules(options, given);
  const scorer = read.spec.scorer!;
  const unreachable = new Violations();
  noteUnreachableScorers(scorer, 'spec.scorer', reach, unreachable);
  noteUnreachableServices(read.spec, options.reachSettings, unreachable);
  unreachable.throwIfAny();
  const spec = await resolveSpec(database, store, read);
  await requireScorers(scorer, 'spec.scorer', { servers: peers, reach });
  await requireServices(spec);
  return spec;
}

/** Inserts a queued run under a new id; gives the run that the same request made meanwhile, if it did. */
async function insertNew(
  { database }: RunsOptions,
  request: RequestIdentity,
  spec: RunSpec,
): Promise<{ readonly id: string; readonly known: RunRecord | undefined }> {
  const id = newRunId();
  const known = await database.transaction().execute(async (transaction) => {
    await holdCheckpoint(transaction, digestOfName('checkpoints', spec.baseCheckpoint, 'spec.base_checkpoint'));
    const inserted = await insertRun(transaction, { id, request, spec, codeVersion: codeVersion() });
    // The same request came twice at once.
    if (!inserted) return findRunByRequest(transaction, request);
    await appendEvent(transaction, id, { event: { $case: 'state', value: RunState.QUEUED } });
    return undefined;
  });
  return { id, known };
}

export function createRunWith(options: CreateRunOptions) {
  const { database, scheduler } = options;
  return async (request: CreateRunRequest): Promise<Run> => {
    const { spec: given, validateOnly } = request;
    // That nothing was to be created does not make it another run.
    const identity = identify(CreateRunRequest, { ...request, validateOnly: false });
    const earlier = await findRunByRequest(database, identity);
    if (earlier) return wholeRun(database, earlier);
    if (!given) throw invalidArgument('spec', 'must be set');
    const spec = await effectiveSpec(options, given);
    if (validateOnly) return Run.fromPartial({ spec, codeVersion: codeVersion() });
    const { id, known } = await insertNew(options, identity, spec);
    if (known) return wholeRun(database, known);
    const created = await getRun(database, id);
    void scheduler.fillSlots();
    return wholeRun(database, created);
  };
}
