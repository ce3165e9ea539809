import { ArtifactStore } from '@hone/artifacts';
import { cancelled } from '@hone/errors';
import { spawnWorker, type WorkerUsage } from '@hone/workers';
import type { ServiceOptions } from '@hone/rpc';

/** How a worker's method is called. */
export interface JobCall<Job, Event> {
  readonly method: string;
  readonly job: Job;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: Event) => void;
}

/** Runs each job in a fresh worker process, which ends with it. */
export class WorkerPool {
  private readonly entry: URL;
  private readonly storeDir: string;
  private readonly logger: ServiceOptions['logger'];

  constructor(entry: URL, storeDir: string, logger: ServiceOptions['logger']) {
    this.entry = entry;
    this.storeDir = storeDir;
    this.logger = logger;
  }

  /** The job's result, and what its process used. Cancelling ends the process, within seconds even where it is busy. */
  async run<Job, Event, Result>(call: JobCall<Job, Event>): Promise<{ result: Result; usage: WorkerUsage }> {
    const { method, job, signal, onEvent } = call;
    if (signal.aborted) throw cancelled();
    const worker = spawnWorker(this.entry, { logger: this.logger });
    const end = (): void => void worker.close();
    signal.addEventListener('abort', end, { once: true });
    try {
      const result = await worker.call<Job, Event, Result>(method, job, { onEvent });
      return { result, usage: await worker.usage() };
    } catch (thrown) {
      await worker.close();
      // A process that was killed leaves its temporary files; opening the store removes those of dead processes.
      await ArtifactStore.open(this.storeDir);
      throw signal.aborted ? cancelled() : thrown;
    } finally {
      signal.removeEventListener('abort', end);
      await worker.close();
    }
  }
}
