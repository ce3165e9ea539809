/** Runs in an empty database and store, with the journals of their steps. No service is called. */
import { RunSpec, type PartialMessage } from '@hone/contracts';
import type { RowsKind, RowsRef } from '@hone/recipes';
import { openRegister } from '@hone/registry/testing/register';
import { listEvents } from '../ledger/events.ts';
import { RunJournal } from '../ledger/journal.ts';
import { getRun, insertRun, type RunRecord } from '../ledger/runs.ts';
import type { EngineLog } from '../ports/log.ts';
import { LiveRuns } from '../scheduling/live-runs.ts';

const ignore = (): void => undefined;
const silent: EngineLog = {
  ...{ info: ignore, warn: ignore, error: ignore, failed: ignore },
  within: (_run, work) => work(),
};

/** Opens a database and a store in a folder of their own. */
export async function openTestRuns() {
  const { database, store, add, close } = await openRegister();
  let count = 0;
  /** A run that waits for its turn. */
  const addRun = async (fields: PartialMessage<RunSpec> = {}): Promise<RunRecord> => {
    const id = `run-${count++}`;
    const spec = RunSpec.fromPartial(fields as RunSpec);
    await insertRun(database, { id, request: { id: '', digest: '' }, spec, codeVersion: 'test' });
    return getRun(database, id);
  };
  /** A journal of a run as the run is by now, as if the process were another each time. */
  const openJournal = async ({ id }: Pick<RunRecord, 'id'>): Promise<RunJournal> => {
    const run = await getRun(database, id);
    return new RunJournal({
      ...{ database, store, run, live: new LiveRuns(), log: silent },
      signal: new AbortController().signal,
    });
  };
  /** Stores a row for each text. */
  const putRows = async <Kind extends RowsKind>(kind: Kind, ...texts: string[]): Promise<RowsRef<Kind>> => ({
    ...{ kind, version: 1 },
    ...(await store.putJsonLines(texts.map((text) => ({ text })))),
  });
  /** The events of a run, by what happened. */
  const eventsOf = async ({ id }: Pick<RunRecord, 'id'>): Promise<string[]> =>
    (await listEvents(database, id, 0, 1000)).map(({ event }) => event!.$case);
  return { database, store, add, addRun, openJournal, putRows, eventsOf, close };
}

export type TestRuns = Awaited<ReturnType<typeof openTestRuns>>;
