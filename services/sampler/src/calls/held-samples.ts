/** What an engine gives, held against what was asked of it: engines may be anybody's. */
import { internal } from '@hone/errors';
import type { DrawnSample, SampleCall } from '@hone/sampling-engine';

/** Passes samples on, and throws where one is not what was asked for, or one is missing at the end. */
export async function* heldSamples(
  samples: AsyncIterable<DrawnSample>,
  { prompts, n, sampling }: SampleCall,
  engine: string,
): AsyncGenerator<DrawnSample> {
  const missing = new Map(prompts.map(({ promptId }) => [promptId, new Set(Array.from({ length: n }, (_, i) => i))]));
  const fail = (what: string): Error => internal(`the engine ${engine} ${what}`);
  for await (const sample of samples) {
    const { promptId, sampleIndex, tokenIds, logProbs } = sample;
    const where = `for prompt "${promptId}", sample ${sampleIndex}`;
    if (missing.get(promptId)?.delete(sampleIndex) !== true) throw fail(`drew twice, or unasked, ${where}`);
    if (tokenIds.length < 1 || tokenIds.length > sampling.maxTokens)
      throw fail(`drew ${tokenIds.length} tokens ${where}, where 1 to ${sampling.maxTokens} were asked for`);
    if (logProbs.length !== tokenIds.length)
      throw fail(`gave ${logProbs.length} log-probs for ${tokenIds.length} tokens ${where}`);
    yield sample;
  }
  const left = [...missing.values()].reduce((sum, indices) => sum + indices.size, 0);
  if (left > 0) throw fail(`ended with ${left} samples missing`);
}
