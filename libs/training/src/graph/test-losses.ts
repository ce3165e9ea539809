/** What tests of losses share: golden files, and a loss by itself in the graph that training runs. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCheckpoint, readTensorFile, weightView } from '@hone/checkpoint';
import type { ChosenLoss } from '@hone/losses';
import { Session } from '@hone/runtime';
import { symbolSizes, tf, trace } from '@hone/tfjs-onnx';
import { expect } from 'vitest';
import type { BatchPart, Row } from '../data/batch.ts';
import { floats } from '../data/pack.ts';
import { GOLDEN_OPTIMIZER } from '../optimizer/test-optimizer.ts';
import { trainOnPreferences } from '../train.ts';
import type { PreferenceGroup, StepMetrics } from '../types.ts';
import { preferenceGraph } from './preference-loss.ts';

const golden = fileURLToPath(new URL('../../../../test/golden/', import.meta.url));

/** Path of a golden file. */
export const goldenFile = (file: string): string => path.join(golden, file);

/** What a golden file holds. */
export const readGolden = <Json>(file: string): Json => JSON.parse(readFileSync(goldenFile(file), 'utf8')) as Json;

/** A row of so many tokens. */
export const rowOf = (tokens: number, referenceLogProb: number): Row => ({
  promptTokenIds: new Int32Array(1),
  completionTokenIds: new Int32Array(tokens),
  referenceLogProb,
  nllWeight: 0,
});

type Run = (policy: readonly number[], part: BatchPart) => Promise<{ loss: number; gradient: number[] }>;

/** The loss of a part, and its gradient by the policy's log-probs: the sum of each row, or of each token for a loss on tokens. */
export async function withLoss<Result>(term: ChosenLoss, use: (run: Run) => Result): Promise<Awaited<Result>> {
  const preferences = preferenceGraph(term)!;
  const symbols = symbolSizes('rows', 'items');
  const inputs = {
    policy: { shape: [symbols.rows], dtype: 'float32' as const },
    ...preferences.inputs({ ...symbols, targets: symbols.rows }),
  };
  const graph = trace({ inputs, symbols }, (fed) => {
    const loss = (policy: tf.Tensor): tf.Scalar =>
      preferences.sum({ ofRows: policy as tf.Tensor1D, ofTokens: policy as tf.Tensor1D }, fed);
    const { value, grad } = tf.valueAndGrad(loss)(fed['policy']!);
    return { loss: value, gradient: grad };
  });
  const session = await Session.create(graph, { threads: 1, keepMemory: true });
  try {
    return await use(async (policy, part) => {
      const feeds = { policy: floats(Float32Array.from(policy)), ...preferences.feeds(part) };
      const { loss, gradient } = await session.run(feeds, ['loss', 'gradient']);
      return { loss: loss![0] as number, gradient: Array.from(gradient as Float32Array) };
    });
  } finally {
    await session.close();
  }
}

/** Single precision of what was computed in double. */
export const expectNear = (value: number, wanted: number, what: string): void =>
  expect(Math.abs(value - wanted), `${what}: ${value}, but TRL's is ${wanted}`).toBeLessThan(
    2e-5 * Math.max(1, Math.abs(wanted)),
  );

/** Trains as the golden runs did, all groups a step; a loss without a reference is given a broken one. */
export async function trainGolden(
  chosen: ChosenLoss,
  groups: readonly PreferenceGroup[],
  { nllAlpha, steps, maxTokensPerRun }: { nllAlpha: number; steps: number; maxTokensPerRun?: number },
) {
  const { config, weights } = await readCheckpoint(goldenFile('models/untied'));
  const start = await readTensorFile(goldenFile('train/policy.safetensors'));
  for (const [name, { values }] of start) weightView(weights, name).set(values as Float32Array);
  const reference = await readCheckpoint(goldenFile('models/untied'));
  if (!chosen.loss.needs.reference) reference.weights.flat.fill(Number.NaN);
  const metrics: StepMetrics[] = [];
  await trainOnPreferences({
    config,
    weights,
    reference,
    groups,
    loss: { ...chosen, nllAlpha, nllReduction: 'TOKEN_MEAN' },
    optimizer: GOLDEN_OPTIMIZER,
    batchUnit: 'pairs',
    batchSize: groups.length,
    epochs: 1,
    maxSteps: steps,
    seed: 1n,
    shuffle: false,
    threads: 1,
    maxTokensPerRun,
    onStep: (step) => metrics.push(step),
  });
  return { weights, metrics };
}

/** Before each step a loss, and the gradient's norm before clipping. */
interface GoldenStep {
  readonly loss: number;
  readonly gradient_norm: number;
}

/** Rounding grows with the steps. */
export function expectSteps(metrics: readonly StepMetrics[], steps: readonly GoldenStep[]): void {
  metrics.forEach(({ loss, gradientNorm }, step) => {
    const wanted = steps[step]!;
    expect(Math.abs(loss - wanted.loss)).toBeLessThan((step === 0 ? 2e-5 : 5e-5) * Math.max(1, wanted.loss));
    expect(Math.abs(gradientNorm / wanted.gradient_norm - 1)).toBeLessThan(5e-5);
  });
}
