/** The phases of one iteration, each as the services run it: in processes of its own, with what it costs to open graphs and sessions. */
import { DecodingEngine, type SamplingParams } from '@hone/decoding';
import { initializeWeights, trainOnPreferences } from '@hone/training';
import { measureOnce } from '../measure.ts';
import { groupsOf, type PairSettings } from '../pairs.ts';
import { configOf, tokensOf, type ShapeName } from '../shapes.ts';
import { OPTIMIZER, PAPER_LOSS } from './train.ts';

export interface SamplePhase {
  readonly shape: ShapeName;
  readonly threads: number;
  /** The prompts, and those among them that this process samples: every `share.of`-th. */
  readonly prompts: number;
  readonly share: { readonly first: number; readonly of: number };
  readonly prompt: number;
  readonly samples: number;
  readonly new_tokens: number;
  readonly temperature: number;
  /** Whether the model is loaded already: M_t was when it was evaluated. */
  readonly loaded: boolean;
}

export interface TrainPhase extends PairSettings {
  readonly threads: number;
  /** Problems a step. */
  readonly batch: number;
}

export async function samplePhase(phase: SamplePhase): Promise<void> {
  const config = configOf(phase.shape);
  const mine = Array.from({ length: phase.prompts }, (_, i) => i).filter(
    (i) => i % phase.share.of === phase.share.first,
  );
  const requests = mine.map((i) => ({
    promptId: `prompt ${i}`,
    promptTokenIds: tokensOf(phase.prompt, config.vocabSize, i),
    n: phase.samples,
  }));
  const params: SamplingParams = {
    temperature: phase.temperature,
    topK: 0,
    topP: 1,
    maxTokens: phase.new_tokens,
    ignoreEos: true,
  };
  const load = () =>
    DecodingEngine.load({ config, weights: async () => initializeWeights(config, 1n), threads: phase.threads });
  const loaded = phase.loaded ? await load() : undefined;
  await measureOnce(async () => {
    const engine = loaded ?? (await load());
    for await (const completion of engine.sample(requests, params, { seed: 1n })) void completion;
    await engine.close();
    return 1;
  });
}

export function trainPhase(phase: TrainPhase): Promise<void> {
  const config = configOf(phase.shape);
  const weights = initializeWeights(config, 1n);
  const groups = groupsOf(phase);
  return measureOnce(async () => {
    await trainOnPreferences({
      config,
      weights,
      groups,
      loss: PAPER_LOSS,
      optimizer: OPTIMIZER,
      batchUnit: 'problems',
      batchSize: phase.batch,
      epochs: 1,
      maxSteps: 0,
      seed: 1n,
      threads: phase.threads,
    });
    return 1;
  });
}
