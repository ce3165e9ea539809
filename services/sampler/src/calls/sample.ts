/** SamplerService.Sample. */
import {
  FinishReason,
  packFloat32,
  packInt32,
  type Completion,
  type Engine,
  type SampleRequest,
  type SampleResponse,
} from '@hone/contracts';
import { validateRequests } from '@hone/decoding/requests';
import type { CallContext } from '@hone/rpc';
import { seedOfSample, type SampleCall, type TokenPrompt } from '@hone/sampling-engine';
import type { SamplerContext } from '../context.ts';
import type { EncodedPrompt } from '../text/protocol.ts';
import { finishSample, type FinishedSample } from './finished-samples.ts';
import { heldSamples } from './held-samples.ts';
import { checkAmount, precisionOf, promptInput, samplingOf, weightPrecisionOf } from './request-rules.ts';
import { measureUsage } from './usage.ts';

/** A call that has been checked, and what its prompts became. */
interface CheckedCall {
  readonly call: SampleCall;
  readonly encoded: readonly EncodedPrompt[];
}

/** All that can be wrong in a call is told here, before its first sample. */
async function checkedCall(
  { checkpoints, engine, texts }: SamplerContext,
  request: SampleRequest,
  signal: AbortSignal,
): Promise<CheckedCall> {
  checkAmount(request);
  const model = await checkpoints.open(request.checkpoint);
  const sampling = samplingOf(request);
  const precision = precisionOf(request, engine);
  const inputs = request.prompts.map(promptInput);
  const encoded = await texts.encode(model.folder, inputs, signal);
  const prompts = inputs.map(({ id }, index) => ({ promptId: id, promptTokenIds: encoded[index]!.tokenIds }));
  const { n, seed } = request;
  validateRequests(
    prompts.map((prompt) => ({ ...prompt, n })),
    model.config,
  );
  const stops = request.sampling!.stop;
  return { call: { model, prompts, n, sampling, stops, seed, precision }, encoded };
}

const promptEvent = ({ promptId, promptTokenIds }: TokenPrompt): SampleResponse => ({
  event: { $case: 'prompt', value: { promptId, tokenIds: packInt32(promptTokenIds) } },
});

/** A completion's fields that are those of its prompt. */
const promptFields = ({ prompts }: SampleRequest, encoded: readonly EncodedPrompt[]) =>
  new Map(
    prompts.map(({ id, templateDigest }, index) => [
      id,
      { templateDigest, templateDate: encoded[index]!.templateDate },
    ]),
  );

/** What drew, and whether its log-probs are the trainer's. */
const drawnBy = ({ name, precision: own, capabilities }: Engine, precision: string) => ({
  engine: name,
  exactLogProbs: precision === own && capabilities.includes('exact-log-probs'),
});

const completionOf = (drawn: FinishedSample, { seed, precision }: SampleCall, checkpoint: string, engine: Engine) => ({
  promptId: drawn.promptId,
  sampleIndex: drawn.sampleIndex,
  tokenIds: packInt32(drawn.tokenIds),
  logProbs: packFloat32(drawn.logProbs),
  text: drawn.text,
  finishReason: drawn.finishReason === 'stop' ? FinishReason.STOP : FinishReason.LENGTH,
  seed: seedOfSample(seed, drawn.promptId, drawn.sampleIndex),
  checkpoint,
  weightPrecision: weightPrecisionOf(precision),
  ...drawnBy(engine, precision),
});

/** Draws completions; events come as the contract says. */
export function sample(context: SamplerContext) {
  const { engine, texts } = context;
  const description = engine.describe();
  const stopped = description.capabilities.includes('stop-texts');
  return async function* (request: SampleRequest, { signal }: CallContext): AsyncGenerator<SampleResponse> {
    const { call, encoded } = await checkedCall(context, request, signal);
    const usage = await measureUsage(engine);
    const samples = engine.sample(stopped ? call : { ...call, stops: [] }, { signal });
    yield* call.prompts.map(promptEvent);
    const finishing = { texts, folder: call.model.folder, stops: call.stops, stopped, signal };
    const ofPrompt = promptFields(request, encoded);
    let completions = 0;
    let tokens = 0;
    for await (const drawn of heldSamples(samples, call, description.name)) {
      const finished = await finishSample(drawn, finishing);
      completions += 1;
      tokens += finished.tokenIds.length;
      const value: Completion = {
        ...completionOf(finished, call, request.checkpoint, description),
        ...ofPrompt.get(drawn.promptId)!,
      };
      yield { event: { $case: 'completion', value } };
    }
    const promptTokens = call.prompts.reduce((sum, { promptTokenIds }) => sum + promptTokenIds.length, 0);
    const summary = { completions, usage: await usage(tokens), promptTokens: BigInt(promptTokens) };
    yield { event: { $case: 'summary', value: summary } };
  };
}
