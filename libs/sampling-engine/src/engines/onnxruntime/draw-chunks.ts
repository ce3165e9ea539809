import { setMaxListeners } from 'node:events';
import type { Worker } from '@hone/workers';
import { BoundedQueue } from '../../bounded-queue.ts';
import type { PromptSamples, SampleChunk, SampledText } from './protocol.ts';

/** Chunks that a worker has at a time: their samples share its batch, which so stays full from one to the next. */
const CHUNKS_IN_FLIGHT = 6;
/** Completions that wait for the caller. */
const QUEUE_LIMIT = 256;

/** Lets the workers draw the chunks, each taking the next one when it is free; the first error ends all of them. */
export async function* drawChunks(
  workers: readonly Worker[],
  chunks: readonly PromptSamples[][],
  call: Omit<SampleChunk, 'prompts'>,
  callerSignal: AbortSignal,
): AsyncGenerator<SampledText> {
  const queue = new BoundedQueue<SampledText>(QUEUE_LIMIT);
  const stop = new AbortController();
  const signal = AbortSignal.any([callerSignal, stop.signal]);
  // Every chunk in flight listens; that is no leak.
  setMaxListeners(0, signal);
  const waiting = chunks.values();
  const drain = async (worker: Worker): Promise<void> => {
    for (const prompts of waiting) {
      const onEvent = (event: SampledText): Promise<void> => queue.push(event);
      await worker.call<SampleChunk, SampledText, unknown>('sample', { ...call, prompts }, { signal, onEvent });
    }
  };
  const loops = workers.flatMap((worker) => Array.from({ length: CHUNKS_IN_FLIGHT }, () => drain(worker)));
  const all = Promise.all(loops).then(
    () => queue.end(),
    (error: unknown) => {
      queue.fail(error);
      stop.abort();
    },
  );
  try {
    yield* queue.read();
  } finally {
    stop.abort();
    queue.end();
    await all;
  }
}
