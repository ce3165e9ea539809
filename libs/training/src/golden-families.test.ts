/** Trainings of each family against Transformers and PyTorch (test/golden/train-families, scripts/golden/golden_train_families.py). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCheckpoint, readTensorFile, weightView } from '@hone/checkpoint';
import { chooseLoss } from '@hone/losses';
import { expect, test } from 'vitest';
import { GOLDEN_OPTIMIZER } from './optimizer/test-optimizer.ts';
import { trainOnPreferences } from './train.ts';
import type { StepMetrics } from './types.ts';

const golden = fileURLToPath(new URL('../../../test/golden/', import.meta.url));

interface Training {
  readonly model: string;
  readonly pairs: readonly { readonly prompt: number[]; readonly chosen: number[]; readonly rejected: number[] }[];
  readonly steps: readonly { readonly loss: number; readonly gradient_norm: number }[];
}
const { trainings } = JSON.parse(readFileSync(path.join(golden, 'train-families/golden.json'), 'utf8')) as {
  trainings: Training[];
};

test.each(trainings)('$model: five steps of training are those of Transformers', async ({ model, pairs, steps }) => {
  const { config, weights } = await readCheckpoint(path.join(golden, 'configs', model));
  const reference = await readCheckpoint(path.join(golden, 'configs', model));
  const metrics: StepMetrics[] = [];
  await trainOnPreferences({
    config,
    weights,
    reference,
    groups: pairs.map(({ prompt, chosen, rejected }, index) => ({
      problemId: String(index),
      promptTokenIds: Int32Array.from(prompt),
      completions: [chosen, rejected].map((ids) => ({ tokenIds: Int32Array.from(ids) })),
      pairs: [{ chosen: 0, rejected: 1 }],
    })),
    loss: { ...chooseLoss('sigmoid', { beta: 0.1 }), nllAlpha: 1, nllReduction: 'SEQUENCE_MEAN' },
    optimizer: GOLDEN_OPTIMIZER,
    batchUnit: 'pairs',
    batchSize: pairs.length,
    epochs: 1,
    maxSteps: steps.length,
    seed: 1n,
    shuffle: false,
    threads: 1,
    onStep: (step) => metrics.push(step),
  });
  metrics.forEach(({ loss, gradientNorm }, step) => {
    const wanted = steps[step]!;
    expect(Math.abs(loss - wanted.loss)).toBeLessThan((step === 0 ? 2e-5 : 5e-5) * Math.max(1, wanted.loss));
    expect(Math.abs(gradientNorm / wanted.gradient_norm - 1)).toBeLessThan(5e-5);
  });
  const after = await readTensorFile(path.join(golden, `train-families/${model}_step5.safetensors`));
  const errors = [...after].flatMap(([name, { values }]) => {
    const view = weightView(weights, name);
    return Array.from(values as Float32Array, (value, i) => Math.abs(view[i]! - value));
  });
  // AdamW's first steps follow the sign of a gradient: where that is nearly zero, rounding decides.
  const off = (tolerance: number): number => errors.filter((error) => error > tolerance).length / errors.length;
  expect([off(2.1e-3 * 5), off(5e-5) <= 0.005, off(2e-6) <= 0.02]).toEqual([0, true, true]);
});
