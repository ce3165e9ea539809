/** A worker process of the sampler: holds models and computes, so that the service's event loop stays free. */
import { serveWorker, type WorkerContext } from '@hone/workers';
import { LoadedModels } from './loaded-models.ts';
import { prepare } from './prepare.ts';
import { cutAtStop, stopTest } from './stop-text.ts';
import type { LogProbsChunk, PrepareRequest, SampleChunk, SampledText } from './worker-api.ts';

const models = new LoadedModels();

serveWorker({
  prepare: (request: PrepareRequest) => prepare(request),

  sample: (chunk: SampleChunk, { signal, emit }: WorkerContext<SampledText>) =>
    models.use(chunk, async ({ engine, tokenizer }) => {
      const { prompts, sampling, stops, seed } = chunk;
      const endsCompletion = stopTest(tokenizer, stops);
      for await (const completion of engine.sample(prompts, sampling, { seed, signal, endsCompletion })) {
        const text = tokenizer.decode(completion.tokenIds, { skipSpecialTokens: true });
        await emit({ ...completion, text: cutAtStop(text, stops) });
      }
    }),

  logProbs: (chunk: LogProbsChunk, { signal }: WorkerContext) =>
    models.use(chunk, ({ engine }) => engine.logProbs(chunk.sequences, signal)),
});
