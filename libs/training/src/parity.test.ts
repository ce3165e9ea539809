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
import { chooseLoss } from '@hone/losses';
import { describe, expect, test } from 'vitest';
import { gradientNorm } from './optimizer/adamw.ts';
import { preferenceParts } from './data/batch.ts';
import { PreferenceData } from './data/preference-data.ts';
import { StepRunner } from './step-runner.ts';
import { trainOnPreferences } from './train.ts';
import { GOLDEN_OPTIMIZER } from './optimizer/test-optimizer.ts';
import type { PreferenceGroup, PreferenceLoss, StepMetrics } from './types.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const own = path.join(root, 'test/golden');
const reference = path.resolve(root, process.env['HONE_REFERENCE_DATA'] ?? '../shared', 'golden');

const PAPER_LOSS: PreferenceLoss = {
  ...chooseLoss('sigmoid', { beta: 0.1 }),
  nllAlpha: 1,
  nllReduction: 'SEQUENCE_MEAN',
};

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

/** Trains as the golden runs did: sequential batches, by default all pairs in one. */
async function train(
  { policy, reference: referenceFolder, groups }: Setup,
  steps: number,
  loss: PreferenceLoss = PAPER_LOSS,
  settings: { batchSize?: number; maxTokensPerRun?: number } = {},
) {
  const { config, weights } = await readPolicy(policy, referenceFolder);
  const metrics: StepMetrics[] = [];
  await trainOnPreferences({
    config,
    weights,
    reference: await readCheckpoint(referenceFolder),
    groups,
    loss,
    optimizer: GOLDEN_OPTIMIZER,
    batchUnit: 'pairs',
    batchSize: groups.length,
    epochs: 1,
    maxSteps: steps,
    seed: 1n,
    shuffle: false,
    threads: 1,
    onStep: (step) => metrics.push(step),
    ...settings,
  });
  return { weights, metrics };
}

/** Loss, gradients and log-probs of the policy, over all pairs at once and over each pair alone. */
async function measure({ policy, reference: referenceFolder, groups }: Setup, loss: PreferenceLoss) {
  const { config, weights } = await readPolicy(policy, referenceFolder);
  const reference = await readCheckpoint(referenceFolder);
  const data = await PreferenceData.open(groups, 'pairs', { reference, maxTokens: 1024, threads: 1 });
  const runner = await StepRunner.create({ config, weights }, { term: loss, sharedPrompts: true }, 1);
  const over = async (items: number[]) => {
    runner.begin();
    let [total, rows]: [number, { logProb: number; reference: number }[]] = [0, []];
    for (const part of preferenceParts(await data.batch(items), loss, 1e9)) {
      const { preference, nll, logProbs } = await runner.run(part);
      total += preference + nll;
      rows = part.rows.map((row, i) => ({ logProb: logProbs[i]!, reference: row.referenceLogProb }));
    }
    return { loss: total, norm: gradientNorm(runner.gradients), rows };
  };
  const pairs = [];
  for (const item of groups.keys()) pairs.push(await over([item]));
  const batch = await over([...groups.keys()]);
  await runner.close();
  return { pairs, batch, gradients: runner.gradients, weights };
}

/** Largest distance from the golden gradients, as a share of their largest element. */
async function gradientError(setup: Setup, golden: Map<string, Tensor>, loss = PAPER_LOSS) {
  const { gradients, weights } = await measure(setup, loss);
  let [worst, largest] = [0, 0];
  for (const { name, offset, length } of weights.specs) {
    const values = golden.get(name)!.values;
    for (let i = 0; i < length; i++) {
      worst = Math.max(worst, Math.abs(gradients[offset + i]! - Number(values[i])));
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

const MODELS = ['llama-gqa', 'llama3rope-tied', 'micro', 'mistral-swa', 'qwen2-bias', 'qwen3-qknorm', 'gpt2'];

/** The golden sets of the reference data. */
const golden = {
  folder: (name: string): string => path.join(reference, 'train', name),
  load: async (name: string): Promise<Setup> => {
    const { pairs } = await readJson<{
      pairs: { prompt_ids: number[]; chosen_ids: number[]; rejected_ids: number[] }[];
    }>(path.join(golden.folder(name), 'pairs_trl.json'));
    return {
      policy: path.join(reference, 'models', name, 'policy'),
      reference: path.join(reference, 'models', name, 'ref'),
      groups: pairs.map((pair, i) => group(i, pair.prompt_ids, pair.chosen_ids, pair.rejected_ids)),
    };
  },
  masks: async (name: string, prefix: string): Promise<(weight: string, i: number) => boolean> => {
    const file = await readTensorFile(path.join(golden.folder(name), 'reliable_masks.safetensors'));
    return (weight, i) => {
      const bits = file.get(`${prefix}/${weight}`)!.values as Uint8Array;
      return ((bits[i >> 3]! >> (7 - (i & 7))) & 1) === 1;
    };
  },
};

/** Losses and norms of steps; the reference's are of its fp32 or fp64. */
function expectSteps(metrics: readonly StepMetrics[], log: readonly { loss: number; norm: number }[]): void {
  metrics.forEach(({ loss, gradientNorm: norm }, i) => {
    expect(Math.abs(loss - log[i]!.loss)).toBeLessThan(i === 0 ? 2e-5 : 5e-5);
    expect(Math.abs(norm / log[i]!.norm - 1)).toBeLessThan(2e-5);
  });
}

const withReference = describe.skipIf(!existsSync(reference));

withReference('the paper loss equals the fp64 reference values (needs HONE_REFERENCE_DATA)', () => {
  for (const name of MODELS) {
    test(`${name}: gradients`, async () => {
      const gradients = await readTensorFile(path.join(golden.folder(name), 'paper_irpo_grads.safetensors'));
      expect(await gradientError(await golden.load(name), gradients)).toBeLessThan(5e-5);
    });
    for (const steps of [1, 5]) {
      test(`${name}: losses, norms and weights after ${steps} AdamW steps`, async () => {
        const { log } = await readJson<{ log: { loss: number; grad_norm_preclip: number }[] }>(
          path.join(golden.folder(name), 'paper_irpo_hfdecay.json'),
        );
        const { weights, metrics } = await train(await golden.load(name), steps);
        expectSteps(
          metrics,
          log.map(({ loss, grad_norm_preclip: norm }) => ({ loss, norm })),
        );
        const prefix = `paper_irpo_hfdecay_step${steps}`;
        const after = await readTensorFile(path.join(golden.folder(name), `${prefix}.safetensors`));
        expectWeights(weightErrors(weights, after, await golden.masks(name, prefix)), steps);
      });
    }
  }
});

interface TrlGolden {
  readonly per_pair_batch_of_1: readonly Record<string, number>[];
  readonly full_batch: { readonly loss: number; readonly grad_norm_preclip: number };
  readonly train_log: readonly { readonly loss: number; readonly grad_norm: number }[];
}

/** A loss with beta 0.1, and none of the NLL unless it is said. */
const dpo = (name: string, more: Partial<PreferenceLoss> = {}, settings: object = {}): PreferenceLoss => ({
  ...chooseLoss(name, { beta: 0.1, ...settings }),
  nllAlpha: 0,
  nllReduction: 'TOKEN_MEAN',
  ...more,
});

withReference("each loss equals TRL's on the same pairs (needs HONE_REFERENCE_DATA)", () => {
  const LOSSES: Record<string, PreferenceLoss> = {
    sigmoid: dpo('sigmoid'),
    // TRL's sigmoid loss does not read label_smoothing.
    sigmoid_ls01: dpo('sigmoid'),
    sigmoid_norm: dpo('sigmoid_norm'),
    ipo: dpo('ipo'),
    hinge: dpo('hinge'),
    robust_ls01: dpo('robust', {}, { label_smoothing: 0.1 }),
    sft: dpo('none', { nllAlpha: 1 }),
    rpo: dpo('sigmoid', { nllAlpha: 1 }),
    rpo_half: dpo('sigmoid', { nllAlpha: 0.5 }),
  };
  const read = (name: string, file: string): Promise<TrlGolden> => readJson(path.join(golden.folder(name), file));
  const log = ({ train_log }: TrlGolden) => train_log.map(({ loss, grad_norm: norm }) => ({ loss, norm }));
  const weightsAfter = async (name: string, run: string, steps: number, weights: Weights): Promise<void> => {
    const after = await readTensorFile(path.join(golden.folder(name), `trl_${run}_step${steps}.safetensors`));
    const prefix = `trl_${run}_step${steps}`;
    expectWeights(weightErrors(weights, after, await golden.masks(name, prefix)), steps);
  };

  for (const [run, loss] of Object.entries(LOSSES)) {
    test(`micro ${run}: loss, norm and log-probs of each pair and of the batch`, async () => {
      const expected = await read('micro', `trl_${run}.json`);
      const { pairs, batch } = await measure(await golden.load('micro'), loss);
      expected.per_pair_batch_of_1.forEach((pair, i) => {
        const { loss: value, norm, rows } = pairs[i]!;
        expect(Math.abs(value - pair['loss']!)).toBeLessThan(2e-5);
        expect(Math.abs(norm - pair['grad_norm_preclip']!)).toBeLessThan(2e-5 * pair['grad_norm_preclip']! + 1e-9);
        const logProbs = ['chosen', 'rejected'].map((side) => [
          pair[`policy_${side}_logp`]!,
          pair[`ref_${side}_logp`]!,
        ]);
        logProbs.forEach(([policy, ref], row) => {
          expect(Math.abs(rows[row]!.logProb - policy!)).toBeLessThan(1e-4);
          expect(Math.abs(rows[row]!.reference - ref!)).toBeLessThan(1e-4);
        });
      });
      expect(Math.abs(batch.loss - expected.full_batch.loss)).toBeLessThan(2e-5);
      expect(Math.abs(batch.norm / expected.full_batch.grad_norm_preclip - 1)).toBeLessThan(2e-5);
    });
    for (const steps of [1, 5]) {
      test(`micro ${run}: weights after ${steps} AdamW steps`, async () => {
        const { weights, metrics } = await train(await golden.load('micro'), steps, loss);
        expectSteps(metrics, log(await read('micro', `trl_${run}.json`)));
        await weightsAfter('micro', run, steps, weights);
      });
    }
  }

  for (const run of ['ipo', 'hinge', 'robust_ls01', 'sft', 'sigmoid', 'sigmoid_norm', 'rpo']) {
    test(`micro ${run}: gradients`, async () => {
      const gradients = await readTensorFile(path.join(golden.folder('micro'), `fp64_${run}_grads.safetensors`));
      expect(await gradientError(await golden.load('micro'), gradients, LOSSES[run])).toBeLessThan(5e-5);
    });
  }

  for (const name of MODELS.filter((name) => name !== 'micro')) {
    test.each([1, 5])(`${name} rpo: weights after %d AdamW steps`, async (steps) => {
      const { weights, metrics } = await train(await golden.load(name), steps, LOSSES['rpo']);
      expectSteps(metrics, log(await read(name, 'trl_rpo.json')));
      await weightsAfter(name, 'rpo', steps, weights);
    });
  }

  test('batches of two pairs in the order of the file', async () => {
    const { weights, metrics } = await train(await golden.load('micro'), 5, LOSSES['rpo'], { batchSize: 2 });
    expectSteps(metrics, log(await read('micro', 'trl_rpo_minibatch2.json')));
    await weightsAfter('micro', 'rpo_minibatch2', 5, weights);
  });

  test('other formulas, in double precision', async () => {
    const alternatives: Record<string, PreferenceLoss> = {
      'cdpo_ls0.1': dpo('sigmoid', {}, { label_smoothing: 0.1 }),
      ipo_sum: dpo('ipo_sum'),
      paper_nll: dpo('none', { nllAlpha: 1, nllReduction: 'SEQUENCE_MEAN' }),
      'paper_alpha0.25': { ...PAPER_LOSS, nllAlpha: 0.25 },
      'paper_alpha2.0_beta0.5': { ...PAPER_LOSS, ...chooseLoss('sigmoid', { beta: 0.5 }), nllAlpha: 2 },
    };
    const expected = await readJson<Record<string, { loss: number; grad_norm_preclip: number; per_pair: number[] }>>(
      path.join(golden.folder('micro'), 'fp64_alternatives.json'),
    );
    expect(Object.keys(expected).sort()).toEqual(Object.keys(alternatives).sort());
    for (const [name, { loss, grad_norm_preclip: norm, per_pair: perPair }] of Object.entries(expected)) {
      const { pairs, batch } = await measure(await golden.load('micro'), alternatives[name]!);
      // IPO on sums squares the margin: of the 1e-4 that a sum of log-probs may be off, 2 * sqrt(loss) * 1e-4 arrives in the loss.
      const tolerance = (value: number): number => (name === 'ipo_sum' ? 2e-4 * Math.sqrt(value) : 2e-5);
      expect(Math.abs(batch.loss - loss), name).toBeLessThan(tolerance(loss));
      expect(Math.abs(batch.norm / norm - 1), name).toBeLessThan(2e-5);
      perPair.forEach((value, i) => expect(Math.abs(pairs[i]!.loss - value), name).toBeLessThan(tolerance(value)));
    }
  });
});
