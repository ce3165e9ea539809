import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  readCheckpoint,
  readTensorFile,
  weightView,
  type Checkpoint,
  type Tensor,
  type Weights,
} from '@hone/checkpoint';
import { describe, expect, test } from 'vitest';
import { preferenceParts } from './batch.ts';
import { withReferenceLogProbs } from './reference.ts';
import { StepRunner } from './step-runner.ts';
import { trainOnPreferences } from './train.ts';
import type { OptimizerOptions, PreferenceGroup, StepMetrics } from './types.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const own = path.join(root, 'test/golden');
const reference = path.resolve(root, process.env['HONE_REFERENCE_DATA'] ?? '../shared', 'golden');

const OPTIMIZER: OptimizerOptions = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradNorm: 1,
  warmupSteps: 0,
  schedule: 'constant',
};
const PAPER_LOSS = { preference: 'sigmoid', beta: 0.1, nllAlpha: 1, nllReduction: 'SEQUENCE_MEAN' } as const;

const readJson = async <Json>(file: string): Promise<Json> => JSON.parse(await readFile(file, 'utf8')) as Json;

interface Setup {
  readonly policy: string;
  readonly reference: string;
  readonly groups: PreferenceGroup[];
}

const group = (index: number, prompt: number[], chosen: number[], rejected: number[]): PreferenceGroup => ({
  problemId: String(index),
  promptTokenIds: Int32Array.from(prompt),
  completions: [chosen, rejected].map((ids) => ({ tokenIds: Int32Array.from(ids) })),
  pairs: [{ chosen: 0, rejected: 1 }],
});

/** A policy is a model folder, or only the weights of the reference's model. */
async function readPolicy(policy: string, referenceFolder: string): Promise<Checkpoint> {
  if (!policy.endsWith('.safetensors')) return readCheckpoint(policy);
  const checkpoint = await readCheckpoint(referenceFolder);
  for (const [name, { values }] of await readTensorFile(policy))
    weightView(checkpoint.weights, name).set(values as Float32Array);
  return checkpoint;
}

/** Trains as the golden runs did: all pairs in one batch, so many steps. */
async function train({ policy, reference: referenceFolder, groups }: Setup, steps: number) {
  const { config, weights } = await readPolicy(policy, referenceFolder);
  const metrics: StepMetrics[] = [];
  await trainOnPreferences({
    config,
    weights,
    reference: await readCheckpoint(referenceFolder),
    groups,
    loss: PAPER_LOSS,
    optimizer: OPTIMIZER,
    batchUnit: 'pairs',
    batchSize: groups.length,
    epochs: 1,
    maxSteps: steps,
    seed: 1n,
    threads: 1,
    onStep: (step) => metrics.push(step),
  });
  return { weights, metrics };
}

/** Largest distance from the golden gradients, as a share of their largest element. */
async function gradientError({ policy, reference: referenceFolder, groups }: Setup, golden: Map<string, Tensor>) {
  const { config, weights } = await readPolicy(policy, referenceFolder);
  const { config: referenceConfig, weights: referenceWeights } = await readCheckpoint(referenceFolder);
  const scored = await withReferenceLogProbs(
    groups,
    { config: referenceConfig, weights: referenceWeights },
    { threads: 1 },
  );
  const runner = await StepRunner.create(config, weights, 'preference', 1);
  runner.begin();
  for (const part of preferenceParts(
    scored.map((item) => ({ group: item, pairs: item.pairs })),
    PAPER_LOSS,
    1e9,
  )) {
    await runner.run(part, PAPER_LOSS.beta);
  }
  await runner.close();
  let [worst, largest] = [0, 0];
  for (const { name, offset, length } of weights.specs) {
    const values = golden.get(name)!.values;
    for (let i = 0; i < length; i++) {
      worst = Math.max(worst, Math.abs(runner.gradients[offset + i]! - Number(values[i])));
      largest = Math.max(largest, Math.abs(Number(values[i])));
    }
  }
  return worst / largest;
}

/** Distances from golden weights, of the elements that a mask calls reliable and of the others. */
function weightErrors(weights: Weights, golden: Map<string, Tensor>, isReliable: (name: string, i: number) => boolean) {
  const errors = { reliable: 0, reliableOver2e6: 0, reliableCount: 0, other: 0 };
  for (const { name, length } of weights.specs) {
    const view = weightView(weights, name);
    const values = golden.get(name)!.values;
    for (let i = 0; i < length; i++) {
      const error = Math.abs(view[i]! - Number(values[i]));
      if (isReliable(name, i)) {
        errors.reliable = Math.max(errors.reliable, error);
        errors.reliableCount += 1;
        if (error > 2e-6) errors.reliableOver2e6 += 1;
      } else errors.other = Math.max(errors.other, error);
    }
  }
  return errors;
}

function expectWeights(errors: ReturnType<typeof weightErrors>, step: number): void {
  expect(errors.reliableCount).toBeGreaterThan(0);
  expect(errors.reliable).toBeLessThan(step === 1 ? 2e-6 : 5e-5);
  expect(errors.reliableOver2e6 / errors.reliableCount).toBeLessThanOrEqual(0.01);
  expect(errors.other).toBeLessThan(2.1e-3 * step);
}

describe('the paper loss equals the fp64 golden values of this repository', () => {
  interface Golden {
    pairs: { prompt: number[]; chosen: number[]; rejected: number[] }[];
    steps: { loss: number; gradient_norm: number }[];
  }
  const setup: Setup = {
    policy: path.join(own, 'train/policy.safetensors'),
    reference: path.join(own, 'models/untied'),
    groups: [],
  };
  const load = async (): Promise<{ setup: Setup; golden: Golden }> => {
    const golden: Golden = await readJson(path.join(own, 'train/train_golden.json'));
    return {
      setup: { ...setup, groups: golden.pairs.map((pair, i) => group(i, pair.prompt, pair.chosen, pair.rejected)) },
      golden,
    };
  };
  const gradients = (): Promise<Map<string, Tensor>> => readTensorFile(path.join(own, 'train/gradients.safetensors'));

  test('gradients', async () => {
    expect(await gradientError((await load()).setup, await gradients())).toBeLessThan(5e-5);
  });
  for (const steps of [1, 5]) {
    test(`losses, norms and weights after ${steps} AdamW steps`, async () => {
      const { setup: own5, golden } = await load();
      const { weights, metrics } = await train(own5, steps);
      metrics.forEach(({ loss, gradientNorm }, i) => {
        expect(Math.abs(loss - golden.steps[i]!.loss)).toBeLessThan(i === 0 ? 2e-5 : 5e-5);
        expect(Math.abs(gradientNorm / golden.steps[i]!.gradient_norm - 1)).toBeLessThan(2e-5);
      });
      const start = await gradients();
      const largest = Math.max(
        ...[...start.values()].flatMap(({ values }) => Array.from(values as Float32Array, Math.abs)),
      );
      // AdamW's first steps follow the sign of a gradient: where that is nearly zero, rounding decides.
      const isReliable = (name: string, i: number): boolean =>
        Math.abs(Number(start.get(name)!.values[i])) > 1e-3 * largest;
      const after = await readTensorFile(path.join(own, `train/weights_step${steps}.safetensors`));
      expectWeights(weightErrors(weights, after, isReliable), steps);
    });
  }
});

describe.skipIf(!existsSync(reference))(
  'the paper loss equals the fp64 reference values (needs HONE_REFERENCE_DATA)',
  () => {
    interface Golden {
      log: { loss: number; grad_norm_preclip: number }[];
      policy_chosen_logp: number[];
      policy_rejected_logp: number[];
    }
    const load = async (name: string): Promise<Setup> => {
      const { pairs } = await readJson<{
        pairs: { prompt_ids: number[]; chosen_ids: number[]; rejected_ids: number[] }[];
      }>(path.join(reference, 'train', name, 'pairs_trl.json'));
      return {
        policy: path.join(reference, 'models', name, 'policy'),
        reference: path.join(reference, 'models', name, 'ref'),
        groups: pairs.map((pair, i) => group(i, pair.prompt_ids, pair.chosen_ids, pair.rejected_ids)),
      };
    };
    const masks = async (name: string, steps: number): Promise<(weight: string, i: number) => boolean> => {
      const file = await readTensorFile(path.join(reference, 'train', name, 'reliable_masks.safetensors'));
      return (weight, i) => {
        const bits = file.get(`paper_irpo_hfdecay_step${steps}/${weight}`)!.values as Uint8Array;
        return ((bits[i >> 3]! >> (7 - (i & 7))) & 1) === 1;
      };
    };

    for (const name of ['llama-gqa', 'llama3rope-tied', 'micro']) {
      test(`${name}: gradients`, async () => {
        const golden = await readTensorFile(path.join(reference, 'train', name, 'paper_irpo_grads.safetensors'));
        expect(await gradientError(await load(name), golden)).toBeLessThan(5e-5);
      });
      for (const steps of [1, 5]) {
        test(`${name}: losses, norms and weights after ${steps} AdamW steps`, async () => {
          const golden: Golden = await readJson(path.join(reference, 'train', name, 'paper_irpo_hfdecay.json'));
          const { weights, metrics } = await train(await load(name), steps);
          metrics.forEach(({ loss, gradientNorm }, i) => {
            expect(Math.abs(loss - golden.log[i]!.loss)).toBeLessThan(i === 0 ? 2e-5 : 5e-5);
            expect(Math.abs(gradientNorm / golden.log[i]!.grad_norm_preclip - 1)).toBeLessThan(2e-5);
          });
          const after = await readTensorFile(
            path.join(reference, 'train', name, `paper_irpo_hfdecay_step${steps}.safetensors`),
          );
          expectWeights(weightErrors(weights, after, await masks(name, steps)), steps);
        });
      }
    }
  },
);
