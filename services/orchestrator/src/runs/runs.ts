/** RPCs on runs. */
import type { ArtifactStore } from '@hone/artifacts';
import {
  ResourceUsage,
  Run,
  runIdOf,
  type CancelRunRequest,
  type GetRunRequest,
  type ListRunsRequest,
  type ListRunsResponse,
  type PauseRunRequest,
  type ResumeRunRequest,
} from '@hone/contracts';
import type { Database } from '@hone/database';
import { etagOf, readReadMask, requireEtag } from '@hone/listing';
import { failureText, getRun, iterationsOf, listRuns, type RunRecord, type RunScheduler } from '@hone/engine';
import type { Reach } from '@hone/rpc';
import { checkBudget } from '../spec/read-spec.ts';

/** What the RPCs on runs need. */
export interface RunsOptions {
  readonly database: Database;
  readonly store: ArtifactStore;
  readonly scheduler: RunScheduler;
  /** Scorers that a run may name beside the deployment's own. */
  readonly reach: Reach;
}

function messageOf(record: RunRecord): Run {
  const { seconds, tokens, peakMemoryBytes, diskBytes } = record.spending;
  return {
    name: `runs/${record.id}`,
    spec: record.spec,
    state: record.state,
    error: record.failure ? failureText(record.failure) : '',
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
