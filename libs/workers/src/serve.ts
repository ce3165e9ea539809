/** The child's side: answers calls of the parent process. */
import process from 'node:process';
import { internal, invalidArgument } from '@hone/errors';
import { errorToWire, USAGE_METHOD, type ChildMessage, type ParentMessage, type WorkerUsage } from './protocol.ts';
import { startWatchdog } from './watchdog.ts';

/** What a handler may use beside its request. */
export interface WorkerContext<Event = unknown> {
  /** Aborted when the caller cancels, and when the parent process ends. */
  readonly signal: AbortSignal;
  /**
   * Sends an event to the caller. Await it where there are many: it resolves when the caller keeps pace, so that unread
   * events do not pile up in memory.
   */
  emit(event: Event): Promise<void>;
}

/** A method of a worker. Values cross by structured clone: typed arrays do, functions and class instances do not. */
export type WorkerHandler<Request = never, Event = never, Result = unknown> = (
  request: Request,
  context: WorkerContext<Event>,
) => Promise<Result> | Result;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each method has its own request and event type
export type WorkerHandlers = Readonly<Record<string, WorkerHandler<any, any, unknown>>>;

/** Events of one call that may be under way before `emit` waits for the caller. */
const EVENT_WINDOW = 64;

/** How long handlers may take to end after the parent is gone, before the process ends regardless. */
const ORPHAN_GRACE_MS = 5_000;

/** One call that runs. */
class ActiveCall {
  readonly controller = new AbortController();
  private underWay = 0;
  private waiting: (() => void)[] = [];

  constructor(private readonly send: (event: unknown) => void) {}

  emit = (event: unknown): Promise<void> => {
    this.send(event);
    this.underWay += 1;
    if (this.underWay < EVENT_WINDOW || this.controller.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  };

  eventTaken(): void {
    this.underWay -= 1;
    if (this.underWay < EVENT_WINDOW) this.release();
  }

  abort(): void {
    this.controller.abort();
    this.release();
  }

  private release(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

function usage(): WorkerUsage {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, peakMemoryBytes: process.resourceUsage().maxRSS * 1024 };
}

/**
 * Serves these methods to the parent process that spawned this one. The process ends when the parent closes it or dies.
 * Signals that reach the whole process group (Ctrl-C) are left to the parent, which closes its workers in order.
 */
export function serveWorker(handlers: WorkerHandlers): void {
  if (!process.send) throw internal('a worker must be started by spawnWorker, not by hand');
  startWatchdog();
  const methods: WorkerHandlers = { ...handlers, [USAGE_METHOD]: usage };
  const active = new Map<number, ActiveCall>();
  const send = (message: ChildMessage): void => {
    if (process.connected) process.send?.(message);
  };

  const answer = async (id: number, method: string, request: unknown): Promise<void> => {
    const call = new ActiveCall((event) => send({ type: 'event', id, event }));
    active.set(id, call);
    try {
      const handler = methods[method];
      if (!handler) throw invalidArgument('method', `this worker has no method "${method}"`);
      const result = await handler(request, { signal: call.controller.signal, emit: call.emit });
      send({ type: 'result', id, result });
    } catch (thrown) {
      send({ type: 'error', id, error: errorToWire(thrown) });
    } finally {
      active.delete(id);
    }
  };

  const end = async (): Promise<void> => {
    setTimeout(() => process.exit(1), ORPHAN_GRACE_MS).unref();
    for (const call of active.values()) call.abort();
    while (active.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    process.exit(0);
  };

  process.on('message', (message: ParentMessage) => {
    if (message.type === 'call') void answer(message.id, message.method, message.request);
    else if (message.type === 'cancel') active.get(message.id)?.abort();
    else if (message.type === 'eventTaken') active.get(message.id)?.eventTaken();
    else void end();
  });
  process.once('disconnect', () => void end());
  // The parent may be gone before this process got so far.
  if (!process.connected) void end();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
}
