/** WatchRun. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RunEvent, runIdOf, type RunState, type WatchRunRequest } from '@hone/contracts';
import type { Database } from '@hone/database';
import { HoneError, invalidArgument } from '@hone/errors';
import type { CallContext } from '@hone/rpc';
import { getRun, listEvents, MOVING, type LiveRuns } from '@hone/engine';

/** What the RPC needs. */
export interface WatchOptions {
  readonly database: Database;
  readonly live: LiveRuns;
  /** Aborted when the process ends: watching ends as well, so that a drain does not wait for watchers. */
  readonly ending: AbortSignal;
}

const EVENTS_PER_QUERY = 200;
/** Pause between progress events: enough for a progress bar, little for the wire. */
const PROGRESS_PAUSE_MS = 100;

/** Streams kept events, then live ones, until the run stands still. */
export function watchRunWith({ database, live, ending }: WatchOptions) {
  return async function* ({ name, afterEvent }: WatchRunRequest, context: CallContext): AsyncGenerator<RunEvent> {
    const { id, lastEvent } = await getRun(database, runIdOf(name));
    if (afterEvent < 0n) throw invalidArgument('after_event', `must be at least 0, but is ${afterEvent}`);
    if (afterEvent > BigInt(lastEvent)) throw beyondLast(afterEvent, lastEvent);
    const signal = AbortSignal.any([context.signal, ending]);
    // Before the first query, so that nothing falls between the kept events and the live ones.
    const subscription = live.subscribe(id);
    let last = Number(afterEvent);
    try {
      for (let changed = true; !signal.aborted;) {
        if (changed) {
          // The state first: what is noted after it wakes this watcher again.
          const { state } = await getRun(database, id);
          for await (const event of keptEvents(database, id, last)) {
            last = Number(event.number);
            yield event;
          }
          if (!isMoving(state)) return;
        }
        const news = await subscription.next(signal);
        changed = news.changed;
        if (!news.progress) continue;
        const { progress, ...position } = news.progress;
        const event = { $case: 'progress' as const, value: progress };
        yield RunEvent.fromPartial({ number: BigInt(last), time: new Date(), ...position, event });
        await sleep(PROGRESS_PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      subscription.close();
    }
  };
}

/** Nobody has seen an event that has not happened. */
function beyondLast(afterEvent: bigint, lastEvent: number): HoneError {
  const description = `must be at most the number of the run's last event, ${lastEvent}, but is ${afterEvent}`;
  const message = `after_event: ${description}`;
  const violations = [{ field: 'after_event', description }];
  return new HoneError({ code: 'OUT_OF_RANGE', reason: 'BEYOND_LAST_EVENT', message, violations });
}

function isMoving(state: RunState): boolean {
  return MOVING.includes(state);
}

async function* keptEvents(database: Database, runId: string, after: number): AsyncGenerator<RunEvent> {
  for (;;) {
    const events = await listEvents(database, runId, after, EVENTS_PER_QUERY);
    yield* events;
    if (events.length < EVENTS_PER_QUERY) return;
    after = Number(events.at(-1)!.number);
  }
}
