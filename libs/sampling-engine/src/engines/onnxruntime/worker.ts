/** A worker process: holds models and computes, so that the service's event loop stays free. */
import { serveWorker, TEXT_LIMIT_MS, withinLimit, type WorkerContext } from '@hone/workers';
import { needsTokenizer, stopTest, textUntilStop } from '../../text/index.ts';
import { LoadedModels } from './loaded-models.ts';
import type { LogProbsChunk, SampleChunk, SampledText } from './protocol.ts';

const models = new LoadedModels();

serveWorker({
  sample: (chunk: SampleChunk, { signal, emit }: WorkerContext<SampledText>) =>
    models.use(chunk, async ({ engine, tokenizer }) => {
      const { prompts, sampling, stops, seed, call: owner } = chunk;
      if (!tokenizer && stops.length > 0) throw needsTokenizer('sampling.stop');
      const isAtStop = tokenizer ? stopTest(tokenizer, stops) : undefined;
      const endsCompletion =
        isAtStop && ((tokenIds: readonly number[]) => withinLimit(TEXT_LIMIT_MS, () => isAtStop(tokenIds)));
      for await (const completion of engine.sample(prompts, sampling, { seed, signal, endsCompletion, owner })) {
        const decode = (): string => (tokenizer ? textUntilStop(tokenizer, completion.tokenIds, stops) : '');
        await emit({ ...completion, text: withinLimit(TEXT_LIMIT_MS, decode) });
      }
    }),

  logProbs: (chunk: LogProbsChunk, { signal }: WorkerContext) =>
    models.use(chunk, ({ engine }) => engine.logProbs(chunk.sequences, signal)),
});
