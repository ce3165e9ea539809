import type { PromptSamples } from './protocol.ts';

/** A call is dealt out in small chunks, so that a worker that draws shorter completions takes over from the others. */
const CHUNKS_PER_WORKER = 16;
const LARGEST_CHUNK_SAMPLES = 256;

type TokenizedPrompt = Pick<PromptSamples, 'promptId' | 'promptTokenIds'>;

/**
 * The chunks of a call. A prompt's samples stay together, since whoever draws some computes the prompt; only where there
 * are fewer prompts than workers are they spread.
 */
export function chunksOf(prompts: readonly TokenizedPrompt[], n: number, workers: number): PromptSamples[][] {
  if (prompts.length < workers)
    return prompts.flatMap((prompt) => spread(prompt, n, Math.ceil(workers / prompts.length)));
  const wanted = Math.ceil(prompts.length / (workers * CHUNKS_PER_WORKER));
  const size = Math.max(1, Math.min(wanted, Math.floor(LARGEST_CHUNK_SAMPLES / n)));
  const chunks: PromptSamples[][] = [];
  for (let start = 0; start < prompts.length; start += size) {
    const members = prompts.slice(start, start + size);
    chunks.push(members.map((prompt) => ({ ...prompt, firstSampleIndex: 0, n })));
  }
  return chunks;
}

function spread(prompt: TokenizedPrompt, n: number, parts: number): PromptSamples[][] {
  const size = Math.ceil(n / parts);
  const chunks: PromptSamples[][] = [];
  for (let first = 0; first < n; first += size) {
    chunks.push([{ ...prompt, firstSampleIndex: first, n: Math.min(size, n - first) }]);
  }
  return chunks;
}
