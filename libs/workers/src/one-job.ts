/** A job in a process of its own, which ends with it. */
import { cancelled } from '@hone/errors';
import type { WorkerUsage } from './protocol.ts';
import { spawnWorker, type WorkerOptions } from './spawn.ts';

/** A job, and how it is called. */
export interface OneJob<Job, Event> {
  /** Of the worker process. */
  readonly entry: URL;
  readonly method: string;
  readonly job: Job;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: Event) => void;
  readonly logger?: WorkerOptions['logger'];
  /** Called where a process ended that did not come to its end: what it left behind can be removed. */
  readonly onLeftover?: () => Promise<unknown>;
}

/** The job's result, and what its process used. Cancelling ends the process, within seconds even where it is busy. */
export async function runOneJob<Job, Event, Result>(
  call: OneJob<Job, Event>,
): Promise<{ result: Result; usage: WorkerUsage }> {
  const { entry, method, job, signal, onEvent, logger, onLeftover } = call;
  if (signal.aborted) throw cancelled();
  const worker = spawnWorker(entry, logger ? { logger } : {});
  const end = (): void => void worker.close();
  signal.addEventListener('abort', end, { once: true });
  try {
    const result = await worker.call<Job, Event, Result>(method, job, { onEvent });
    return { result, usage: await worker.usage() };
  } catch (thrown) {
    await worker.close();
    await onLeftover?.();
    throw signal.aborted ? cancelled() : thrown;
  } finally {
    signal.removeEventListener('abort', end);
    await worker.close();
  }
}
