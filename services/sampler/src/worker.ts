/** A worker process of the sampler: holds models and computes, so that the service's event loop stays free. */
import { serveWorker, type WorkerContext } from '@hone/workers';
import { LoadedModels } from './loaded-models.ts';
import { prepare } from './prepare.ts';
import type { LogProbsChunk, PrepareRequest, SampleChunk, SampledText } from './worker-api.ts';

const models = new LoadedModels();

serveWorker({
  prepare: (request: PrepareRequest) => prepare(request),

  sample: (chunk: SampleChunk, { signal, emit }: WorkerContext<SampledText>) =>
    models.use(chunk, async ({ engine, tokenizer }) => {
      for await (const completion of engine.sample(chunk.prompts, chunk.sampling, { seed: chunk.seed, signal })) {
        const text = tokenizer.decode(completion.tokenIds, { skipSpecialTokens: true });
        await emit({ ...completion, text });
      }
    }),

  logProbs: (chunk: LogProbsChunk, { signal }: WorkerContext) =>
    models.use(chunk, ({ engine }) => engine.logProbs(chunk.sequences, signal)),
});
