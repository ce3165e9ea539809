/** RPCs on runs. */
import { randomBytes } from 'node:crypto';
import type { ArtifactStore } from '@hone/artifacts';
import {
  Run,
  RunSpec,
  RunState,
  type CancelRunRequest,
  type CreateRunRequest,
  type GetRunRequest,
  type ListRunsRequest,
  type ListRunsResponse,
  type ResumeRunRequest,
} from '@hone/contracts';
import { invalidArgument } from '@hone/errors';
import { codeVersion } from './code-version.ts';
import { appendEvent } from './database/events.ts';
import type { Database } from './database/open-database.ts';
import { findRunByRequest, getRun, insertRun, listRuns, type RunRecord } from './database/runs.ts';
import { iterationsOf } from './engine/iteration-view.ts';
import type { RunScheduler } from './engine/scheduler.ts';
import { cutPage, pageOf } from './pages.ts';
import { checkRunSpec, resolveRunSpec } from './run-spec-rules.ts';

/** What the RPCs on runs need. */
export interface RunsOptions {
  readonly database: Database;
  readonly store: ArtifactStore;
  readonly scheduler: RunScheduler;
}

/** "runs/{run}" -> its id. */
export function runIdOf(name: string, field = 'name'): string {
  const id = /^runs\/([a-z0-9-]{1,64})$/.exec(name)?.[1];
  if (id === undefined) throw invalidArgument(field, `must be a name "runs/{run}", but is "${name}"`);
  return id;
}

function messageOf(record: RunRecord): Run {
  const { id, spec, state, error, createTime, updateTime, codeVersion: version, lastEvent } = record;
  const name = `runs/${id}`;
  const times = { createTime, updateTime };
  return { name, spec, state, error, ...times, iterations: [], codeVersion: version, lastEvent: BigInt(lastEvent) };
}

async function wholeRun(database: Database, record: RunRecord): Promise<Run> {
  return { ...messageOf(record), iterations: await iterationsOf(database, record.id) };
}

/** An id that sorts by time and that people can type: "20260131-235959-1a2b3c". */
function newRunId(): string {
  const digits = new Date().toISOString().replace(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${randomBytes(3).toString('hex')}`;
}

const REQUEST_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** CreateRun. */
export function createRunWith({ database, store, scheduler }: RunsOptions) {
  return async ({ requestId, spec: given, validateOnly }: CreateRunRequest): Promise<Run> => {
    if (requestId !== '' && !REQUEST_ID.test(requestId)) throw invalidArgument('request_id', 'must be a UUID or empty');
    if (!given) throw invalidArgument('spec', 'must be set');
    checkRunSpec(given);
    const spec = await resolveRunSpec(database, store, given);
    if (validateOnly) return Run.fromPartial({ spec, codeVersion: codeVersion() });
    const id = newRunId();
    const known = await database.transaction().execute(async (transaction) => {
      const earlier = requestId === '' ? undefined : await findRunByRequest(transaction, requestId);
      if (earlier) return earlier;
      await insertRun(transaction, { id, requestId, spec, codeVersion: codeVersion() });
      await appendEvent(transaction, id, { event: { $case: 'state', value: RunState.QUEUED } });
      return undefined;
    });
    if (known) {
      requireSameSpec(known.spec, spec);
      return wholeRun(database, known);
    }
    const created = messageOf(await getRun(database, id));
    scheduler.enqueue(id);
    return created;
  };
}

function requireSameSpec(earlier: RunSpec, now: RunSpec): void {
  const same = Buffer.from(RunSpec.encode(earlier).finish()).equals(RunSpec.encode(now).finish());
  if (!same) throw invalidArgument('request_id', 'was used for another spec already: take a new UUID');
}

/** GetRun. */
export function getRunWith({ database }: RunsOptions) {
  return async ({ name }: GetRunRequest): Promise<Run> => wholeRun(database, await getRun(database, runIdOf(name)));
}

/** ListRuns. */
export function listRunsWith({ database }: RunsOptions) {
  return async (request: ListRunsRequest): Promise<ListRunsResponse> => {
    const { limit, before } = pageOf(request);
    const rows = await listRuns(database, before, limit + 1);
    const { page, nextPageToken } = cutPage(rows, limit, ({ number }) => number);
    return { runs: page.map(messageOf), nextPageToken };
  };
}

/** CancelRun. */
export function cancelRunWith({ database, scheduler }: RunsOptions) {
  return async ({ name }: CancelRunRequest): Promise<Run> => {
    const { id } = await getRun(database, runIdOf(name));
    return wholeRun(database, await scheduler.cancel(id));
  };
}

/** ResumeRun. */
export function resumeRunWith({ database, scheduler }: RunsOptions) {
  return async ({ name }: ResumeRunRequest): Promise<Run> => {
    const { id } = await getRun(database, runIdOf(name));
    return wholeRun(database, await scheduler.resume(id));
  };
}
