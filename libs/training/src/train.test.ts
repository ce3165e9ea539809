import { createLlamaConfig } from '@hone/checkpoint';
import { chooseLoss } from '@hone/losses';
import { describe, expect, test } from 'vitest';
import type { TrainingWarning } from './chosen-watch.ts';
import { initializeWeights } from './adapters/initialize-weights.ts';
import { PreferenceData } from './data/preference-data.ts';
import { trainOnDemonstrations, trainOnPreferences } from './train.ts';
import type { SaveState, TrainingState } from './training-state.ts';
import type { Example, OptimizerOptions, PreferenceGroup, PreferenceLoss, Source, StepMetrics } from './types.ts';

const config = createLlamaConfig({
  hiddenSize: 32,
  intermediateSize: 48,
  numLayers: 2,
  numAttentionHeads: 2,
  numKeyValueHeads: 1,
  vocabSize: 24,
  maxPositionEmbeddings: 64,
  tieWordEmbeddings: false,
  eosTokenId: 1,
});
const OPTIMIZER: OptimizerOptions = {
  learningRate: 3e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradNorm: 1,
  warmupSteps: 0,
  schedule: 'constant',
};

/** Counting upwards: learnable, and of different lengths. */
const examples: Example[] = Array.from({ length: 12 }, (_, i) => ({
  promptTokenIds: Int32Array.of(2, 3 + i),
  completionTokenIds: Int32Array.from({ length: 2 + (i % 3) }, (_, j) => (j === 1 + (i % 3) ? 1 : 4 + i + j)),
}));
const groups: PreferenceGroup[] = examples.map(({ promptTokenIds, completionTokenIds }, i) => ({
  problemId: String(i),
  promptTokenIds,
  completions: [
    { tokenIds: completionTokenIds },
    { tokenIds: Int32Array.of(20, 1) },
    { tokenIds: Int32Array.of(21, 1) },
  ],
  pairs: [
    { chosen: 0, rejected: 1 },
    { chosen: 0, rejected: 2 },
  ],
}));

/** Every completion, the first of each problem better than the others. */
const withAdvantages: PreferenceGroup[] = groups.flatMap((group) =>
  group.completions.map((completion, index) => ({
    ...group,
    completions: [completion],
    pairs: [],
    labels: [{ completion: 0, desirable: index === 0, advantage: index === 0 ? 1 : -0.5 }],
  })),
);

interface Run {
  readonly optimizer?: Partial<OptimizerOptions>;
  readonly maxSteps?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly batchUnit?: 'pairs' | 'problems';
  readonly seed?: bigint;
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (metrics: StepMetrics) => void;
  readonly shuffle?: boolean;
  readonly maxTokensPerRun?: number;
  readonly resumeFrom?: TrainingState;
  readonly saveState?: SaveState;
  readonly loss?: Partial<PreferenceLoss>;
  readonly groups?: Source<PreferenceGroup>;
  readonly reference?: { config: typeof config; weights: ReturnType<typeof initializeWeights> };
  readonly onWarning?: (code: TrainingWarning, message: string) => void;
  readonly stopWhen?: readonly TrainingWarning[];
}

async function run(kind: 'preferences' | 'demonstrations', settings: Run = {}) {
  const { optimizer, onStep, loss: ownLoss, groups: data = groups, ...rest } = settings;
  const weights = initializeWeights(config, 9n);
  const metrics: StepMetrics[] = [];
  const common = {
    config,
    weights,
    optimizer: { ...OPTIMIZER, ...optimizer },
    batchSize: 4,
    epochs: 1,
    maxSteps: 0,
    seed: 3n,
    threads: 1,
    ...rest,
    onStep: (step: StepMetrics) => {
      metrics.push(step);
      onStep?.(step);
    },
  };
  if (kind === 'demonstrations') {
    await trainOnDemonstrations({ ...common, examples, loss: { nllReduction: 'TOKEN_MEAN' } });
  } else {
    const loss: PreferenceLoss = {
      ...chooseLoss('sigmoid', { beta: 0.1 }),
      nllAlpha: 0.5,
      nllReduction: 'SEQUENCE_MEAN',
      ...ownLoss,
    };
    await trainOnPreferences({ ...common, groups: data, loss, batchUnit: rest.batchUnit ?? 'pairs' });
  }
  return { weights, metrics };
}

test('demonstrations are learnt', async () => {
  const { metrics } = await run('demonstrations', { maxSteps: 150, batchSize: 12 });
  expect(metrics[0]!.loss).toBeGreaterThan(2);
  expect(metrics.at(-1)!.loss).toBeLessThan(0.1);
});

test('preferences are learnt: the margin grows until every pair is ordered', async () => {
  const { metrics } = await run('preferences', { maxSteps: 40, batchSize: 24 });
  const [first, last] = [metrics[0]!, metrics.at(-1)!];
  // The reference is the start itself: no reward, and log 2 a pair.
  expect(first.margin).toBeCloseTo(0, 4);
  expect(first.preferenceLoss).toBeCloseTo(Math.LN2, 4);
  expect(last.margin).toBeGreaterThan(1);
  expect(last.accuracy).toBe(1);
  expect(last.chosenLogProb).toBeGreaterThan(first.chosenLogProb);
  expect(last.rejectedLogProb).toBeLessThan(first.rejectedLogProb);
});

test('metrics agree with one another', async () => {
  const { metrics } = await run('preferences', { maxSteps: 3 });
  for (const step of metrics) {
    expect(step.loss).toBeCloseTo(step.preferenceLoss + 0.5 * step.nllLoss, 6);
    expect(step.margin).toBeCloseTo(step.chosenReward - step.rejectedReward, 6);
    expect(step.paddingShare).toBeGreaterThanOrEqual(0);
    expect(step.paddingShare).toBeLessThan(1);
    expect(step.gradientNorm).toBeGreaterThan(0);
    expect(step.totalSteps).toBe(3);
  }
  expect(metrics.map(({ step }) => step)).toEqual([1, 2, 3]);
});

describe('a loss of single completions', () => {
  const kto = chooseLoss('kto', { beta: 0.5 });
  const labelled: PreferenceGroup[] = groups.map((group, i) => ({
    ...group,
    pairs: [],
    labels: [{ completion: i % 3, desirable: i % 3 === 0 }],
  }));

  test('learns which completions are desirable, of pairs and of labels', async () => {
    for (const data of [groups, labelled]) {
      const { metrics } = await run('preferences', { groups: data, loss: kto, maxSteps: 40, batchSize: 24 });
      const [first, last] = [metrics[0]!, metrics.at(-1)!];
      // The reference is the start itself: no reward, no divergence, and 1 - sigmoid(0) a completion.
      expect([first.referencePoint, first.margin]).toEqual([0, expect.closeTo(0, 4)]);
      expect(first.preferenceLoss).toBeCloseTo(0.5, 4);
      expect(last.margin).toBeGreaterThan(1);
      expect(last.accuracy).toBe(1);
      expect(last.chosenLogProb).toBeGreaterThan(first.chosenLogProb);
      expect(last.rejectedLogProb).toBeLessThan(first.rejectedLogProb);
    }
  });

  test('has metrics where a step has one label alone, and the NLL is of the desirable', async () => {
    const only = (desirable: boolean) =>
      run('preferences', {
        groups: labelled.filter(({ labels }) => labels![0]!.desirable === desirable),
        ...{ loss: kto, maxSteps: 2 },
      });
    const [good, bad] = [(await only(true)).metrics[1]!, (await only(false)).metrics[1]!];
    expect([good.rejectedLogProb, good.rejectedReward, good.margin]).toEqual([0, 0, 0]);
    expect(good.nllLoss).toBeGreaterThan(0);
    expect([bad.chosenLogProb, bad.chosenReward, bad.margin, bad.nllLoss]).toEqual([0, 0, 0, 0]);
    expect(bad.rejectedLogProb).toBeLessThan(0);
  });

  test('is warned of batches that hold one prompt alone, in which nothing diverges', async () => {
    const warnings: string[] = [];
    const onWarning = (code: TrainingWarning, message: string) => warnings.push(`${code}: ${message}`);
    const { metrics } = await run('preferences', { loss: kto, batchSize: 1, maxSteps: 3, onWarning });
    expect(warnings).toEqual([expect.stringMatching(/^KL_NOT_ESTIMATED: 3 of the steps .* raise batch_size/)]);
    expect(metrics.map(({ referencePoint }) => referencePoint)).toEqual([0, 0, 0]);
  });

  test('compares with the reference model also where the data has log-probs', async () => {
    const known = groups.map((group) => ({
      ...group,
      completions: group.completions.map((completion) => ({ ...completion, referenceLogProb: -5 })),
    }));
    const other = { config, weights: initializeWeights(config, 10n) };
    const settings = { loss: kto, groups: known, maxSteps: 1, batchSize: 24 };
    const kl = async (reference?: typeof other) =>
      (await run('preferences', { ...settings, ...(reference && { reference }) })).metrics[0]!.referencePoint;
    expect(await kl()).toBe(0);
    expect(await kl(other)).not.toBe(0);
  });
});

test('advantages are learnt: what is better than others of its problem gets more probable, and the worse less', async () => {
  const loss = { ...chooseLoss('grpo', { beta: 0.1 }), nllAlpha: 0 };
  const { metrics } = await run('preferences', { groups: withAdvantages, loss, maxSteps: 30, batchSize: 36 });
  const [first, last] = [metrics[0]!, metrics.at(-1)!];
  // Where the old policy is the policy, the loss is the mean advantage.
  expect([first.preferenceLoss, first.margin]).toEqual([expect.closeTo(0, 5), expect.closeTo(0, 5)]);
  expect(last.preferenceLoss).toBeLessThan(-0.05);
  expect(last.chosenLogProb).toBeGreaterThan(first.chosenLogProb);
  expect(last.rejectedLogProb).toBeLessThan(first.rejectedLogProb);
});

describe('steps', () => {
  test('go over the data by epochs, the last batch of each being what is left', async () => {
    expect((await run('demonstrations', { epochs: 2, batchSize: 5 })).metrics).toHaveLength(6);
  });

  test('count pairs, or problems with all their pairs', async () => {
    expect((await run('preferences', { batchUnit: 'pairs' })).metrics).toHaveLength(6);
    expect((await run('preferences', { batchUnit: 'problems' })).metrics).toHaveLength(3);
  });
});

describe('the same seed gives the same weights, bit for bit', () => {
  test.each([1, 2])('with %d threads', async (threads) => {
    const settings = { maxSteps: 6, threads };
    const first = await run('preferences', settings);
    expect((await run('preferences', settings)).weights.flat).toEqual(first.weights.flat);
  });

  test('and another seed another order', async () => {
    const first = await run('demonstrations', { maxSteps: 2 });
    expect((await run('demonstrations', { maxSteps: 2, seed: 4n })).weights.flat).not.toEqual(first.weights.flat);
  });
});

test('a learning rate that makes the loss leave the numbers ends the job with what to do', async () => {
  const diverging = run('demonstrations', { maxSteps: 5, optimizer: { learningRate: 1e30 } });
  await expect(diverging).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NON_FINITE_LOSS' });
  await expect(diverging).rejects.toThrow(/lower the learning rate/);
});

test('a cancelled job ends between two steps', async () => {
  const controller = new AbortController();
  const steps: number[] = [];
  const cancelled = run('demonstrations', {
    maxSteps: 1000,
    signal: controller.signal,
    onStep: ({ step }) => {
      steps.push(step);
      if (step === 2) controller.abort();
    },
  });
  await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(steps).toEqual([1, 2]);
});

test('reference log-probs that are given are kept, others come from the reference weights', async () => {
  const reference = { config, weights: initializeWeights(config, 9n) };
  const partly = groups
    .slice(0, 2)
    .map((group, i) =>
      i === 0 ? { ...group, completions: group.completions.map((item) => ({ ...item, referenceLogProb: -1 })) } : group,
    );
  const data = await PreferenceData.open(partly, 'problems', { reference, maxTokens: 256, threads: 1 });
  const [given, computed] = await data.batch([0, 1]);
  expect(given!.group.completions.map((item) => item.referenceLogProb)).toEqual([-1, -1, -1]);
  for (const { referenceLogProb } of computed!.group.completions) expect(referenceLogProb).toBeLessThan(-2);
});

describe('a job that ends at any step goes on from its last saved state to the weights of an undisturbed one, bit for bit', () => {
  const settings = { epochs: 2, optimizer: { schedule: 'cosine', warmupSteps: 2 } } as const;
  /** A state as a file would hold it. */
  const copy = ({ step, weights, firstMoment, secondMoment }: TrainingState): TrainingState => ({
    step,
    weights: weights.slice(),
    firstMoment: firstMoment.slice(),
    secondMoment: secondMoment.slice(),
  });

  for (const kind of ['preferences', 'demonstrations'] as const) {
    for (const [name, more] of Object.entries({
      'whole batches': {},
      'accumulated batches': { maxTokensPerRun: 12 },
      'the order of the data': { shuffle: false },
      'a linear schedule': { optimizer: { schedule: 'linear' } },
      ...(kind === 'preferences' && {
        "KTO's divergence": { loss: chooseLoss('kto'), maxTokensPerRun: 12 },
        "GRPO's old policy": { loss: chooseLoss('grpo'), groups: withAdvantages, maxTokensPerRun: 12 },
      }),
    } as Record<string, Run>)) {
      test(`${kind}, ${name}`, async () => {
        const undisturbed = await run(kind, { ...settings, ...more });
        const steps = undisturbed.metrics.map(({ step }) => step);
        for (const killedAt of name === 'whole batches' ? steps : [5]) {
          let saved: TrainingState | undefined;
          const killed = run(kind, {
            ...settings,
            ...more,
            saveState: { everySteps: 2, save: async (state) => void (saved = copy(state)) },
            onStep: ({ step }) => {
              if (step === killedAt) throw new Error('killed');
            },
          });
          await expect(killed).rejects.toThrow('killed');
          expect(saved?.step ?? 0).toBe(2 * Math.floor((killedAt - 1) / 2));
          const resumed = await run(kind, { ...settings, ...more, ...(saved && { resumeFrom: saved }) });
          expect(resumed.weights.flat).toEqual(undisturbed.weights.flat);
          const stepsLeft = undisturbed.metrics.slice(saved?.step ?? 0);
          expect(resumed.metrics.map(({ step, loss }) => [step, loss])).toEqual(
            stepsLeft.map(({ step, loss }) => [step, loss]),
          );
        }
      });
    }
  }

  test('a state of another model or a longer job is refused', async () => {
    const arrays = (length: number) => ({
      weights: new Float32Array(length),
      firstMoment: new Float32Array(length),
      secondMoment: new Float32Array(length),
    });
    const { length } = initializeWeights(config, 9n).flat;
    const other = run('preferences', { resumeFrom: { step: 1, ...arrays(3) } });
    await expect(other).rejects.toMatchObject({ reason: 'STATE_OF_ANOTHER_JOB' });
    const longer = run('preferences', { maxSteps: 3, resumeFrom: { step: 4, ...arrays(length) } });
    await expect(longer).rejects.toMatchObject({ reason: 'STATE_OF_ANOTHER_JOB' });
  });
});

describe('a chosen log-prob that falls while the margin grows', () => {
  /** The rejected has more of the very tokens that the chosen is made of, and only the margin is asked for. */
  const repeating: PreferenceGroup[] = examples.map(({ promptTokenIds }, i) => ({
    problemId: String(i),
    promptTokenIds,
    completions: [3, 12].map((length) => ({ tokenIds: new Int32Array(length).fill(5) })),
    pairs: [{ chosen: 0, rejected: 1 }],
  }));
  const falling: Run = {
    groups: repeating,
    maxSteps: 20,
    batchSize: 12,
    loss: { nllAlpha: 0 },
  };

  test('is warned of once', async () => {
    const warnings: string[] = [];
    const { metrics } = await run('preferences', {
      ...falling,
      onWarning: (code, message) => warnings.push(`${code}: ${message}`),
    });
    expect(metrics.at(-1)!.margin).toBeGreaterThan(0);
    expect(metrics.at(-1)!.chosenLogProb).toBeLessThan(1.2 * metrics[0]!.chosenLogProb);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^CHOSEN_LOG_PROB_FALLS: .* fell from -\d.* raise nll_alpha/);
  });

  test('ends the job where that is asked for', async () => {
    const stopped = run('preferences', { ...falling, stopWhen: ['CHOSEN_LOG_PROB_FALLS'] });
    await expect(stopped).rejects.toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'CHOSEN_LOG_PROB_FALLS' });
  });

  test('is not warned of where the chosen get more probable', async () => {
    const warnings: string[] = [];
    await run('preferences', { maxSteps: 40, batchSize: 24, onWarning: (code) => warnings.push(code) });
    expect(warnings).toEqual([]);
  });
});

test('data that is read when it is asked for gives the weights of data in memory', async () => {
  const inMemory = await run('preferences', { epochs: 2 });
  const source: Source<PreferenceGroup> = {
    length: groups.length,
    at: async (index) => structuredClone(groups[index]!),
  };
  expect((await run('preferences', { epochs: 2, groups: source })).weights.flat).toEqual(inMemory.weights.flat);
});

describe('a training that ends within its warm-up', () => {
  const warned = async (maxSteps: number, warmupSteps: number): Promise<string[]> => {
    const warnings: string[] = [];
    const onWarning = (code: TrainingWarning, message: string) => warnings.push(`${code}: ${message}`);
    await run('preferences', { maxSteps, optimizer: { warmupSteps, learningRate: 0.01 }, onWarning });
    return warnings.filter((warning) => warning.startsWith('WARM_UP'));
  };

  test('is warned of, with the learning rate that it reaches', async () => {
    expect(await warned(1, 2)).toEqual([
      expect.stringMatching(/1 steps.*learning rate is 0 in all.*no weight changes/),
    ]);
    expect(await warned(3, 4)).toEqual([expect.stringContaining('the learning rate ends at 0.005')]);
  });

  test('is nothing to warn of where a step has the full rate, or there is no warm-up', async () => {
    expect(await warned(3, 2)).toEqual([]);
    expect(await warned(1, 0)).toEqual([]);
  });
});
