/** One prompt, so many samples of so many tokens. */
import { DecodingEngine } from '@hone/decoding';
import { initializeWeights } from '@hone/training';
import { measure } from '../measure.ts';
import { configOf, tokensOf, type ShapeName } from '../shapes.ts';

export interface SampleTask {
  readonly shape: ShapeName;
  readonly threads: number;
  readonly batch: number;
  readonly prompt: number;
  readonly new_tokens: number;
  readonly repeats: number;
}

export async function sample(task: SampleTask): Promise<void> {
  const config = configOf(task.shape);
  const weights = async () => initializeWeights(config, 1n);
  const engine = await DecodingEngine.load({ config, weights, threads: task.threads });
  const promptTokenIds = tokensOf(task.prompt, config.vocabSize, 1);
  const params = { temperature: 1, topK: 0, topP: 1, maxTokens: task.new_tokens, ignoreEos: true };
  let seed = 0n;
  await measure(async () => {
    seed += 1n;
    // Another prompt each time, so that none is held from before.
    const request = { promptId: `prompt ${seed}`, promptTokenIds, n: task.batch };
    for await (const completion of engine.sample([request], params, { seed })) void completion;
    return task.batch * task.new_tokens;
  }, task.repeats);
  await engine.close();
}
