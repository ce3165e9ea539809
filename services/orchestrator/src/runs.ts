/** RPCs on runs. */
import { randomBytes } from 'node:crypto';
import type { ArtifactStore } from '@hone/artifacts';
import {
  digestOfName,
  ResourceUsage,
  Run,
  RunState,
  Violations,
  type CancelRunRequest,
  CreateRunRequest,
  type GetRunRequest,
  type ListRunsRequest,
  type ListRunsResponse,
  type PairBuilderServiceClient,
  type PauseRunRequest,
  type ResumeRunRequest,
  type RunSpec,
} from '@hone/contracts';
import type { Database } from '@hone/database';
import { invalidArgument } from '@hone/errors';
import { etagOf, readReadMask, requireEtag } from '@hone/listing';
import { holdCheckpoint } from '@hone/registry';
import { identify, type Reach } from '@hone/rpc';
import { checkReach, requireScorers } from '@hone/scoring';
import { codeVersion } from './code-version.ts';
import { appendEvent } from './database/events.ts';
import { findRunByRequest, getRun, insertRun, listRuns, type RunRecord } from './database/runs.ts';
import { iterationsOf } from './engine/iteration-view.ts';
import type { RunScheduler } from './engine/scheduler.ts';
import { noteRule } from './rule-ref.ts';
import { checkBudget, noteRunSpec, resolveRunSpec } from './run-spec-rules.ts';

/** What the RPCs on runs need. */
export interface RunsOptions {
  readonly database: Database;
  readonly store: ArtifactStore;
  readonly scheduler: RunScheduler;
  /** Scorers that a run may name beside the deployment's own. */
  readonly reach: Reach;
}

/** What CreateRun needs beyond that. */
export interface CreateRunOptions {
  /** host:port of the deployment's own scorer. */
  readonly scorerAddress: string;
  readonly pairBuilder: PairBuilderServiceClient;
}

/** "runs/{run}" -> its id. */
export function runIdOf(name: string, field = 'name'): string {
  const id = /^runs\/([a-z0-9-]{1,64})$/.exec(name)?.[1];
  if (id === undefined) throw invalidArgument(field, `must be a name "runs/{run}", but is "${name}"`);
  return id;
}

function messageOf(record: RunRecord): Run {
  const { seconds, tokens, peakMemoryBytes, diskBytes } = record.spending;
  return {
    name: `runs/${record.id}`,
    spec: record.spec,
    state: record.state,
    error: record.error,
    createTime: record.createTime,
    updateTime: record.updateTime,
    iterations: [],
    codeVersion: record.codeVersion,
    lastEvent: BigInt(record.lastEvent),
    bestCheckpoint: record.bestCheckpoint,
    bestIteration: record.bestIteration,
    earlyStop: record.earlyStop,
    usage: ResourceUsage.fromPartial({ seconds, tokens, peakMemoryBytes }),
    diskBytes,
    budget: record.budget,
    failure: record.failure,
    etag: etagOf(record.lastEvent),
  };
}

/** A run with its iterations. */
export async function wholeRun(database: Database, record: RunRecord): Promise<Run> {
  return { ...messageOf(record), iterations: await iterationsOf(database, record.id) };
}

/** An id that sorts by time and that people can type: "20260131-235959-1a2b3c". */
function newRunId(): string {
  const digits = new Date().toISOString().replace(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${randomBytes(3).toString('hex')}`;
}

/** Everything that is wrong with a spec, at once. */
async function requireSpec(pairBuilder: PairBuilderServiceClient, spec: RunSpec): Promise<void> {
  const violations = new Violations();
  noteRunSpec(spec, violations);
  if (spec.pairs) await noteRule(pairBuilder, spec.pairs, violations);
  violations.throwIfAny();
}

/** CreateRun. */
export function createRunWith(options: RunsOptions & CreateRunOptions) {
  const { database, store, scheduler, reach, scorerAddress, pairBuilder } = options;
  return async (request: CreateRunRequest): Promise<Run> => {
    const { spec: given, validateOnly } = request;
    // That nothing was to be created does not make it another run.
    const identity = identify(CreateRunRequest, { ...request, validateOnly: false });
    const earlier = await findRunByRequest(database, identity);
    if (earlier) return wholeRun(database, earlier);
    if (!given) throw invalidArgument('spec', 'must be set');
    await requireSpec(pairBuilder, given);
    checkReach(given.scorer!, 'spec.scorer', reach);
    const spec = await resolveRunSpec(database, store, given);
    await requireScorers(spec.scorer!, 'spec.scorer', { ownAddress: scorerAddress, reach });
    if (validateOnly) return Run.fromPartial({ spec, codeVersion: codeVersion() });
    const id = newRunId();
    const known = await database.transaction().execute(async (transaction) => {
      await holdCheckpoint(transaction, digestOfName('checkpoints', spec.baseCheckpoint, 'spec.base_checkpoint'));
      const inserted = await insertRun(transaction, { id, request: identity, spec, codeVersion: codeVersion() });
      // The same request came twice at once.
      if (!inserted) return findRunByRequest(transaction, identity);
      await appendEvent(transaction, id, { event: { $case: 'state', value: RunState.QUEUED } });
      return undefined;
    });
    if (known) return wholeRun(database, known);
    const created = await getRun(database, id);
    void scheduler.fillPlaces();
    return messageOf(created);
  };
}

/** GetRun. */
export function getRunWith({ database }: RunsOptions) {
  return async ({ name, readMask }: GetRunRequest): Promise<Run> => {
    const masked = readReadMask(readMask, Run);
    return masked(await wholeRun(database, await getRun(database, runIdOf(name))));
  };
}

/** ListRuns. */
export function listRunsWith({ database }: RunsOptions) {
  return async (request: ListRunsRequest): Promise<ListRunsResponse> => {
    const masked = readReadMask(request.readMask, Run);
    const { runs, nextPageToken } = await listRuns(database, request);
    return { runs: runs.map((run) => masked(messageOf(run))), nextPageToken };
  };
}

/** The id of a run that the caller has seen as it is. */
async function seenRun(database: Database, name: string, etag: string): Promise<string> {
  const { id, lastEvent } = await getRun(database, runIdOf(name));
  requireEtag(etag, lastEvent, name);
  return id;
}

/** CancelRun. */
export function cancelRunWith({ database, scheduler }: RunsOptions) {
  return async ({ name, etag }: CancelRunRequest): Promise<Run> => {
    const id = await seenRun(database, name, etag);
    return wholeRun(database, await scheduler.cancel(id));
  };
}

/** PauseRun. */
export function pauseRunWith({ database, scheduler }: RunsOptions) {
  return async ({ name, etag }: PauseRunRequest): Promise<Run> => {
    const id = await seenRun(database, name, etag);
    return wholeRun(database, await scheduler.pause(id));
  };
}

/** ResumeRun. */
export function resumeRunWith({ database, scheduler }: RunsOptions) {
  return async ({ name, budget, etag }: ResumeRunRequest): Promise<Run> => {
    const id = await seenRun(database, name, etag);
    checkBudget(budget, 'budget');
    return wholeRun(database, await scheduler.resume(id, budget));
  };
}
