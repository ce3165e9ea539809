import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLlamaConfig, readCheckpoint, readTensorFile, weightView, type Weights } from '@hone/checkpoint';
import { chooseLoss } from '@hone/losses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAdapter, writeAdapterFiles } from './adapter-files.ts';
import { preferenceParts } from '../data/batch.ts';
import { initializeWeights } from './initialize-weights.ts';
import { initializeAdapter, loraNames, mergeAdapter, type LoraAdapter } from './lora.ts';
import { LogProbRunner, StepRunner, type Model } from '../step-runner.ts';
import { trainOnPreferences } from '../train.ts';
import type { TrainingState } from '../training-state.ts';
import { GOLDEN_OPTIMIZER } from '../optimizer/test-optimizer.ts';
import type { PreferenceGroup, PreferenceLoss, StepMetrics } from '../types.ts';

const config = createLlamaConfig({
  hiddenSize: 16,
  intermediateSize: 24,
  numLayers: 2,
  numAttentionHeads: 4,
  numKeyValueHeads: 2,
  vocabSize: 20,
  maxPositionEmbeddings: 32,
  tieWordEmbeddings: true,
  eosTokenId: 1,
});
const LOSS: PreferenceLoss = { ...chooseLoss('sigmoid'), nllAlpha: 1, nllReduction: 'TOKEN_MEAN' };

const group = (id: string, prompt: number[], ...completions: number[][]): PreferenceGroup => ({
  problemId: id,
  promptTokenIds: Int32Array.from(prompt),
  completions: completions.map((ids) => ({ tokenIds: Int32Array.from(ids) })),
  pairs: completions.slice(1).map((_, i) => ({ chosen: 0, rejected: i + 1 })),
});
const groups = [group('a', [3, 4, 5], [6, 7, 8, 1], [9, 1], [6, 6, 2, 14, 1]), group('b', [10], [11, 1], [12, 13, 1])];
const scored = groups.map((item) => ({
  ...item,
  completions: item.completions.map(({ tokenIds }) => ({ tokenIds, referenceLogProb: -3 * tokenIds.length })),
}));
const parts = preferenceParts(scored.map((item) => ({ group: item, items: item.pairs })), LOSS, 1e9); // prettier-ignore

/** An adapter that changes something: B is not zero. */
function strayAdapter(weights: Weights, targetModules: readonly string[] = []): LoraAdapter {
  const adapter = initializeAdapter(weights, { rank: 3, alpha: 6, targetModules }, 4n);
  adapter.weights.flat.forEach((value, i) => (adapter.weights.flat[i] = value + 0.1 * Math.sin(i)));
  return adapter;
}

async function gradientsOf(model: Model, vocabularyBlock?: number) {
  const runner = await StepRunner.create(
    model,
    { term: LOSS, sharedPrompts: true, ...(vocabularyBlock && { vocabularyBlock }) },
    1,
  );
  runner.begin();
  const { preference, nll, logProbs } = await runner.run(parts[0]!);
  await runner.close();
  return { loss: preference + nll, logProbs, gradients: runner.gradients };
}

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe('an adapter', () => {
  test('that is new changes nothing, and only B has a gradient', async () => {
    const weights = initializeWeights(config, 5n);
    const adapter = initializeAdapter(weights, { rank: 3, alpha: 6, targetModules: [] }, 4n);
    const [plain, adapted] = [await gradientsOf({ config, weights }), await gradientsOf({ config, weights, adapter })];
    expect(adapted.logProbs).toEqual(plain.logProbs);
    for (const { name, offset, length } of adapter.weights.specs) {
      const size = largest(adapted.gradients.subarray(offset, offset + length));
      if (name.endsWith('lora_A.weight')) expect(size, name).toBe(0);
      else expect(size, name).toBeGreaterThan(0);
    }
  });

  test.each([
    { name: 'all projections', targetModules: [] },
    { name: 'queries and values', targetModules: ['q_proj', 'v_proj'] },
  ])('of $name gives the log-probs of its merged model', async ({ targetModules }) => {
    const weights = initializeWeights(config, 5n);
    const adapter = strayAdapter(weights, targetModules);
    const adapted = await gradientsOf({ config, weights, adapter });
    mergeAdapter(weights, adapter);
    const merged = await gradientsOf({ config, weights });
    adapted.logProbs.forEach((logProb, row) => expect(logProb).toBeCloseTo(merged.logProbs[row]!, 4));
  });

  test.each([undefined, 3])(
    'has the gradients that the chain rule gives, with vocabulary blocks of %s',
    async (block) => {
      const weights = initializeWeights(config, 5n);
      const adapter = strayAdapter(weights);
      const { gradients } = await gradientsOf({ config, weights, adapter }, block);
      const merged = { ...weights, flat: weights.flat.slice() };
      mergeAdapter(merged, adapter);
      const full = await gradientsOf({ config, weights: merged });
      const most = largest(gradients);
      for (const { name, shape, offset, length } of weights.specs) {
        const { down, up } = loraNames(name);
        const [a, b] = [down, up].map((part) => adapter.weights.specs.find((spec) => spec.name === part));
        if (!a || !b) continue;
        const [out, width] = shape as [number, number];
        const byWeight = full.gradients.subarray(offset, offset + length);
        const [valuesA, valuesB] = [weightView(adapter.weights, down), weightView(adapter.weights, up)];
        // W + 2 B A: dA = 2 Bᵀ dW, dB = 2 dW Aᵀ.
        for (let r = 0; r < 3; r++) {
          for (let column = 0; column < width; column++) {
            let sum = 0;
            for (let row = 0; row < out; row++) sum += 2 * valuesB[row * 3 + r]! * byWeight[row * width + column]!;
            expect(Math.abs(gradients[a.offset + r * width + column]! - sum) / most, down).toBeLessThan(2e-5);
          }
          for (let row = 0; row < out; row++) {
            let sum = 0;
            for (let column = 0; column < width; column++)
              sum += 2 * byWeight[row * width + column]! * valuesA[r * width + column]!;
            expect(Math.abs(gradients[b.offset + row * 3 + r]! - sum) / most, up).toBeLessThan(2e-5);
          }
        }
      }
    },
  );

  test('is trained while the weights stay, and goes on from a saved state bit for bit', async () => {
    const weights = initializeWeights(config, 5n);
    const start = weights.flat.slice();
    const train = async (more: Partial<Parameters<typeof trainOnPreferences>[0]> = {}) => {
      const adapter = initializeAdapter(weights, { rank: 3, alpha: 6, targetModules: [] }, 4n);
      const losses: number[] = [];
      await trainOnPreferences({
        config, weights, adapter, groups, loss: LOSS, optimizer: { ...GOLDEN_OPTIMIZER, learningRate: 1e-2 }, batchUnit: 'pairs',
        batchSize: 3, epochs: 1, maxSteps: 8, seed: 1n, threads: 1, onStep: ({ loss }) => losses.push(loss), ...more,
      }); // prettier-ignore
      return { adapter, losses };
    };
    let saved: TrainingState | undefined;
    const save = async (state: TrainingState): Promise<void> => void (saved = structuredClone(state));
    const { adapter, losses } = await train({ saveState: { everySteps: 5, save } });
    expect(weights.flat).toEqual(start);
    expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.1);
    expect((await train({ resumeFrom: saved! })).adapter.weights.flat).toEqual(adapter.weights.flat);
  });

  test('of modules that the model has not is refused by name', () => {
    const weights = initializeWeights(config, 5n);
    const options = { rank: 3, alpha: 6, targetModules: ['q_proj', 'c_attn'] };
    expect(() => initializeAdapter(weights, options, 1n)).toThrow(/target_modules.*q_proj, k_proj/);
  });
});

describe('adapter files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hone-adapter-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('hold what was written', async () => {
    const adapter = strayAdapter(initializeWeights(config, 5n), ['o_proj', 'up_proj']);
    await writeAdapterFiles(path.join(folder, 'a'), adapter, 'some/model');
    const read = await readAdapter(path.join(folder, 'a'));
    expect([read.rank, read.alpha, read.weights.specs]).toEqual([3, 6, adapter.weights.specs]);
    expect(read.weights.flat).toEqual(adapter.weights.flat);
    const written = JSON.parse(await readFile(path.join(folder, 'a', 'adapter_config.json'), 'utf8')) as object;
    expect(written).toMatchObject({ r: 3, lora_alpha: 6, target_modules: ['o_proj', 'up_proj'], peft_type: 'LORA' });
  });

  test('of another kind of adapter are refused by the setting', async () => {
    const file = path.join(folder, 'adapter_config.json');
    await writeFile(file, JSON.stringify({ r: 4, lora_alpha: 8, peft_type: 'LORA', use_dora: true }));
    await expect(readAdapter(folder)).rejects.toThrow(/use_dora true is not supported/);
  });
});

const reference = path.resolve(
  fileURLToPath(new URL('../../../../', import.meta.url)),
  process.env['HONE_REFERENCE_DATA'] ?? '../shared',
  'golden',
);

describe.skipIf(!existsSync(reference))("PEFT's adapter, trained by TRL (needs HONE_REFERENCE_DATA)", () => {
  const base = path.join(reference, 'models/llama-gqa/ref');
  const load = async (): Promise<Model & { adapter: LoraAdapter }> => {
    const checkpoint = await readCheckpoint(base);
    return {
      config: checkpoint.config,
      weights: checkpoint.weights,
      adapter: await readAdapter(path.join(reference, 'lora/adapter')),
    };
  };
  interface Golden {
    readonly initial: { readonly policy_chosen: number[]; readonly policy_rejected: number[] };
    readonly train_log: readonly { readonly loss: number; readonly grad_norm: number }[];
  }
  const golden = async (): Promise<Golden> =>
    JSON.parse(await readFile(path.join(reference, 'lora/lora.json'), 'utf8')) as Golden;
  const pairs = async (): Promise<PreferenceGroup[]> => {
    const file = path.join(reference, 'train/llama-gqa/pairs_trl.json');
    const { pairs: read } = JSON.parse(await readFile(file, 'utf8')) as {
      pairs: { prompt_ids: number[]; chosen_ids: number[]; rejected_ids: number[] }[];
    };
    return read.map((pair, i) => group(String(i), pair.prompt_ids, pair.chosen_ids, pair.rejected_ids));
  };

  test('gives the log-probs of the adapted model', async () => {
    const runner = await LogProbRunner.create(await load(), 1);
    const { initial } = await golden();
    for (const [i, { promptTokenIds, completions }] of (await pairs()).entries()) {
      const rows = completions.map(({ tokenIds }) => ({
        promptTokenIds,
        completionTokenIds: tokenIds,
        referenceLogProb: 0,
        nllWeight: 0,
      }));
      const [chosen, rejected] = await runner.run(rows);
      expect(Math.abs(chosen! - initial.policy_chosen[i]!)).toBeLessThan(1e-4);
      expect(Math.abs(rejected! - initial.policy_rejected[i]!)).toBeLessThan(1e-4);
    }
    await runner.close();
  });

  test('merges to the weights of merge_and_unload', async () => {
    const { weights, adapter } = await load();
    mergeAdapter(weights, adapter);
    const merged = await readTensorFile(path.join(reference, 'lora/merged/model.safetensors'));
    for (const { name } of weights.specs) {
      const expected = merged.get(name)!.values as Float32Array;
      weightView(weights, name).forEach((value, i) => expect(Math.abs(value - expected[i]!), name).toBeLessThan(1e-6));
    }
  });

  test.each([1, 5])('has the losses, norms and weights of TRL after %d steps', async (steps) => {
    const model = await load();
    const metrics: StepMetrics[] = [];
    await trainOnPreferences({
      ...model, groups: await pairs(), loss: LOSS, optimizer: GOLDEN_OPTIMIZER, batchUnit: 'pairs', batchSize: 6, epochs: 1,
      maxSteps: steps, seed: 1n, shuffle: false, threads: 1, onStep: (step) => metrics.push(step),
    }); // prettier-ignore
    const { train_log: log } = await golden();
    metrics.forEach(({ loss, gradientNorm }, i) => {
      expect(Math.abs(loss - log[i]!.loss)).toBeLessThan(i === 0 ? 2e-5 : 5e-5);
      expect(Math.abs(gradientNorm / log[i]!.grad_norm - 1)).toBeLessThan(2e-5);
    });
    const after = await readTensorFile(path.join(reference, `lora/trl_rpo_adapter_step${steps}.safetensors`));
    let [worst, off, count] = [0, 0, 0];
    for (const { name, length } of model.adapter.weights.specs) {
      const expected = after.get(name.replace('.weight', '.default.weight'))!.values as Float32Array;
      weightView(model.adapter.weights, name).forEach((value, i) => {
        const error = Math.abs(value - expected[i]!);
        worst = Math.max(worst, error);
        if (error > 2e-6) off += 1;
      });
      count += length;
    }
    // Without a mask of reliable elements: a few near-zero gradients may follow rounding.
    expect(worst).toBeLessThan(2.1e-3 * steps);
    expect(off / count).toBeLessThanOrEqual(0.01);
  });
});
