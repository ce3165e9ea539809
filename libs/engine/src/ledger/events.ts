/** Kept events of runs, numbered from 1 without gaps. */
import { RunEvent } from '@hone/contracts';
import type { Queryable } from '@hone/database';

/** An event before it has its number and time. */
export type NewEvent = Pick<RunEvent, 'event'> & Partial<Pick<RunEvent, 'iteration' | 'step' | 'kind' | 'error'>>;

/** Appends an event; call it in the transaction that makes what it tells true. */
export async function appendEvent(database: Queryable, runId: string, event: NewEvent): Promise<void> {
  const { last_event: number } = await database
    .updateTable('runs')
    .set((column) => ({ last_event: column('last_event', '+', 1) }))
    .where('id', '=', runId)
    .returning('last_event')
    .executeTakeFirstOrThrow();
  const whole = RunEvent.fromPartial({ ...event, number: BigInt(number), time: new Date() } as RunEvent);
  const payload = JSON.stringify(RunEvent.toJSON(whole));
  await database.insertInto('events').values({ run_id: runId, number, payload }).execute();
}

/** Events after a number, in order. */
export async function listEvents(
  database: Queryable,
  runId: string,
  after: number,
  limit: number,
): Promise<RunEvent[]> {
  const rows = await database
    .selectFrom('events')
    .select('payload')
    .where('run_id', '=', runId)
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit)
    .execute();
  return rows.map(({ payload }) => RunEvent.fromJSON(payload));
}
