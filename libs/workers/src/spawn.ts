/** The parent's side: starts a worker process and calls its methods. */
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { HoneError, cancelled, failedPrecondition, toHoneError } from '@hone/errors';
import { errorFromWire, USAGE_METHOD, type ChildMessage, type ParentMessage, type WorkerUsage } from './protocol.ts';
import { TOO_LONG_SIGNAL } from './watchdog.ts';

export interface WorkerOptions {
  /** Takes what the child prints; without one it goes to this process's stderr. */
  readonly logger?: { warn(fields: object, message: string): void };
  /** Flags of Node for the child, e.g. `--max-old-space-size=4096`. */
  readonly execArgv?: readonly string[];
}

export interface WorkerCallOptions<Event> {
  /** Aborting asks the child to stop; the call rejects once the child has stopped. */
  readonly signal?: AbortSignal | undefined;
  /** Takes events in order. A promise that it returns holds the child back where it awaits its `emit`. */
  readonly onEvent?: ((event: Event) => void | Promise<void>) | undefined;
}

/** Environment of a computing process. One arena: with one a thread, glibc keeps gigabytes that ONNX Runtime has let go of. */
export const ALLOCATOR = { MALLOC_ARENA_MAX: '1' } as const;

/** What workers, which read what callers send, never need of their service's environment: keys of judges, the hub and the database. */
const NOT_FOR_WORKERS = /^(?:HONE_JUDGE_|HONE_PARENT_PIPE$|HF_|HUGGING_FACE_|DATABASE_URL$|PG[A-Z])/;

function environmentOfWorkers(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !NOT_FOR_WORKERS.test(name)));
}

/** Of -20 (first) to 19 (last): services, at 0, get three times the share of a core that is full. Programs beside Hone do too, so no more. */
const WORKER_PRIORITY = 5;

/** Computing gives way to answering: a service on a full machine says at once how it is. Where the system has it otherwise, so be it. */
function giveWay(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, WORKER_PRIORITY);
  } catch {
    // The process has ended already, or a sandbox forbids it: it computes all the same.
  }
}

interface PendingCall {
  resolve(result: unknown): void;
  reject(error: HoneError): void;
  event(event: unknown): void;
}

/** How long a worker may take to end by itself when it is closed, before it is killed. */
const CLOSE_GRACE_MS = 5_000;
const KEPT_OUTPUT_CHARS = 2_000;

/** A worker process. Several calls may run at once; it is up to the worker's handlers to take turns. */
export class Worker {
  /** Resolves when the process has ended, however it ended. */
  readonly exited: Promise<void>;
  private readonly child: ChildProcess;
  private readonly pending = new Map<number, PendingCall>();
  private nextId = 1;
  private death: HoneError | undefined;
  private closing = false;
  private output = '';

  constructor(entry: URL, options: WorkerOptions = {}) {
    const file = fileURLToPath(entry);
    if (!existsSync(file)) throw failedPrecondition('NOT_BUILT', `${file} is missing: run "npm run build"`);
    // The child's stdout joins its stderr: a service's own stdout holds nothing but its readiness line.
    this.child = fork(file, [], {
      serialization: 'advanced',
      env: { ...ALLOCATOR, ...environmentOfWorkers(process.env) },
      execArgv: [...(options.execArgv ?? [])],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    giveWay(this.child.pid);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.takeOutput(text, options.logger));
    }
    this.child.on('message', (message) => this.take(message as ChildMessage));
    this.child.on('error', (error) => this.end(toHoneError(error)));
    this.exited = new Promise((resolve) => {
      // 'close' and not 'exit': by then the last output and the last messages have arrived.
      this.child.once('close', (code, signal) => {
        const note = this.deathNote(code, signal);
        if (!this.closing) options.logger?.warn({ workerPid: this.child.pid, exitCode: code, signal }, note.message);
        this.end(note);
        resolve();
      });
    });
  }

  /** Process id of the child. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Whether the child can still be called. */
  get alive(): boolean {
    return this.death === undefined && !this.closing;
  }

  /** Calls a method. Errors of the child keep their code, reason and fields; its death is `UNAVAILABLE`. */
  call<Request, Event, Result>(
    method: string,
    request: Request,
    options: WorkerCallOptions<Event> = {},
  ): Promise<Result> {
    const { signal, onEvent } = options;
    if (this.death) return Promise.reject(this.death);
    if (this.closing) return Promise.reject(unavailable('the worker is closing'));
    if (signal?.aborted) return Promise.reject(cancelled());
    const id = this.nextId++;
    return new Promise<Result>((resolve, reject) => {
      const cancel = (): void => this.send({ type: 'cancel', id });
      const settle = (): void => {
        this.pending.delete(id);
        signal?.removeEventListener('abort', cancel);
      };
      let events = Promise.resolve();
      const fail = (error: HoneError): void => {
        settle();
        reject(error);
      };
      const event = (value: unknown): void => {
        events = events
          .then(() => onEvent?.(value as Event))
          .then(() => this.send({ type: 'eventTaken', id }))
          .catch((thrown: unknown) => {
            cancel();
            fail(toHoneError(thrown));
          });
      };
      const succeed = (result: unknown): void => {
        // The caller sees every event before the result, however long its onEvent takes.
        void events.then(() => {
          settle();
          resolve(result as Result);
        });
      };
      this.pending.set(id, { resolve: succeed, reject: fail, event });
      signal?.addEventListener('abort', cancel, { once: true });
      this.send({ type: 'call', id, method, request });
    });
  }

  /** CPU time and peak memory of the child so far; answered when the child next looks at its messages. */
  usage(): Promise<WorkerUsage> {
    return this.call<null, never, WorkerUsage>(USAGE_METHOD, null);
  }

  /** Cancels what runs and ends the process; kills it where it does not end by itself. */
  async close(): Promise<void> {
    if (!this.death) {
      this.send({ type: 'close' });
      this.closing = true;
      const forced = setTimeout(() => this.child.kill('SIGKILL'), CLOSE_GRACE_MS);
      await this.exited;
      clearTimeout(forced);
    }
    await this.exited;
  }

  /** Ends the process at once, whatever it is doing. */
  async kill(): Promise<void> {
    this.closing = true;
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private send(message: ParentMessage): void {
    // An error here (the child is gone) is told by 'close' with what the child died of.
    if (this.child.connected) this.child.send(message, () => {});
  }

  private take(message: ChildMessage): void {
    const call = this.pending.get(message.id);
    if (!call) return;
    if (message.type === 'event') call.event(message.event);
    else if (message.type === 'result') call.resolve(message.result);
    else call.reject(errorFromWire(message.error));
  }

  private takeOutput(text: string, logger: WorkerOptions['logger']): void {
    this.output = (this.output + text).slice(-KEPT_OUTPUT_CHARS);
    if (logger) logger.warn({ workerPid: this.child.pid }, text.trimEnd());
    else process.stderr.write(text);
  }

  private deathNote(code: number | null, signal: NodeJS.Signals | null): HoneError {
    if (this.closing) return unavailable('the worker was closed');
    if (signal === TOO_LONG_SIGNAL)
      return unavailable(`worker process ${this.child.pid} was ended: one step of its work took longer than it may`);
    const how = signal ? `was killed by ${signal}` : `ended with exit code ${code}`;
    const advice = signal === 'SIGKILL' ? ' (out of memory? use a smaller batch or model)' : '';
    const last = this.output.trim() ? `; its last output: ${this.output.trim()}` : '';
    return unavailable(`worker process ${this.child.pid} ${how}${advice}${last}`);
  }

  private end(error: HoneError): void {
    this.death ??= error;
    for (const call of [...this.pending.values()]) call.reject(error);
  }
}

function unavailable(message: string): HoneError {
  return new HoneError({ code: 'UNAVAILABLE', reason: 'WORKER_ENDED', message });
}

/** Starts the worker process whose entry file (a JavaScript module that calls `serveWorker`) this is. */
export function spawnWorker(entry: URL, options: WorkerOptions = {}): Worker {
  return new Worker(entry, options);
}
