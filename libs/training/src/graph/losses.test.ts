/** The losses against the values of TRL's own code (test/golden/losses, scripts/golden/golden_losses.py). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCheckpoint, readTensorFile, weightView } from '@hone/checkpoint';
import { chooseLoss, findLoss, LOSSES, type Loss } from '@hone/losses';
import { Session } from '@hone/runtime';
import { symbolSizes, tf, trace } from '@hone/tfjs-onnx';
import { describe, expect, test } from 'vitest';
import type { BatchPart, Row } from '../data/batch.ts';
import { floats } from '../data/pack.ts';
import { pairFeeds, pairInputs, pairTermOf, sumOfPairs, type PairTerm } from './pair-loss.ts';
import { trainOnPreferences } from '../train.ts';
import { GOLDEN_OPTIMIZER } from '../optimizer/test-optimizer.ts';
import type { StepMetrics } from '../types.ts';

/** The example of docs/guides/loss.md. */
const example = new URL('../../../../examples/extensions/loss/dpop.ts', import.meta.url).href;
const { dpop } = (await import(example)) as { dpop: Loss };
const golden = fileURLToPath(new URL('../../../../test/golden/', import.meta.url));
const readJson = <Json>(file: string): Json => JSON.parse(readFileSync(path.join(golden, file), 'utf8')) as Json;

interface Golden {
  readonly pairs: readonly { tokens: [number, number]; policy: number[]; reference: number[] }[];
  readonly cases: Record<
    string,
    { preference: string; settings: object; values: { loss: number; gradient: [number, number] }[] }
  >;
  readonly trainings: readonly {
    readonly case: string;
    readonly preference: string;
    readonly settings: object;
    readonly nll_alpha: number;
    readonly weights: boolean;
    readonly steps: readonly { loss: number; gradient_norm: number }[];
  }[];
}
const { pairs, cases, trainings } = readJson<Golden>('losses/losses_golden.json');

const termOf = (name: string, settings: object): PairTerm => pairTermOf(chooseLoss(name, settings))!;

/** A pair as a part of its own. */
const partOf = ({ tokens, reference }: (typeof pairs)[number]): BatchPart => ({
  rows: tokens.map((count, row): Row => {
    const completionTokenIds = new Int32Array(count);
    return {
      promptTokenIds: new Int32Array(1),
      completionTokenIds,
      referenceLogProb: reference[row]!,
      nllWeight: 0,
    };
  }),
  pairs: [{ chosen: 0, rejected: 1, weight: 1 }],
});

/** The loss of pairs, and its gradient by the summed log-probs of the policy, from the graph that training runs. */
async function withLoss<Result>(
  term: PairTerm,
  use: (run: (policy: readonly number[], part: BatchPart) => Promise<{ loss: number; gradient: number[] }>) => Result,
): Promise<Awaited<Result>> {
  const symbols = symbolSizes('rows', 'pairs');
  const inputs = {
    policy: { shape: [symbols.rows], dtype: 'float32' as const },
    ...pairInputs(term.loss.needs, symbols.rows, symbols.pairs),
  };
  const graph = trace({ inputs, symbols }, (fed) => {
    const { value, grad } = tf.valueAndGrad((policy) => sumOfPairs(term, policy as tf.Tensor1D, fed))(fed['policy']!);
    return { loss: value, gradient: grad };
  });
  const session = await Session.create(graph, { threads: 1, keepMemory: true });
  try {
    return await use(async (policy, part) => {
      const feeds = { policy: floats(Float32Array.from(policy)), ...pairFeeds(part, term) };
      const { loss, gradient } = await session.run(feeds, ['loss', 'gradient']);
      return { loss: loss![0] as number, gradient: Array.from(gradient as Float32Array) };
    });
  } finally {
    await session.close();
  }
}

/** Single precision of what was computed in double. */
const expectNear = (value: number, wanted: number, what: string): void =>
  expect(Math.abs(value - wanted), `${what}: ${value}, but TRL's is ${wanted}`).toBeLessThan(
    2e-5 * Math.max(1, Math.abs(wanted)),
  );

describe("values and gradients are those of TRL's code", () => {
  test.each(Object.entries(cases))('%s', async (_, { preference, settings, values }) => {
    await withLoss(termOf(preference, settings), async (run) => {
      for (const [index, pair] of pairs.entries()) {
        const { loss, gradient } = await run(pair.policy, partOf(pair));
        expectNear(loss, values[index]!.loss, `loss of pair ${index}`);
        values[index]!.gradient.forEach((wanted, row) =>
          expectNear(gradient[row]!, wanted, `gradient of pair ${index}`),
        );
      }
    });
  });

  test('of every loss that TRL has, and some under two settings', () => {
    const held = new Set(Object.values(cases).map(({ preference }) => preference));
    expect([...held].sort()).toEqual(
      [
        ...[
          'apo_down',
          'apo_zero',
          'bco_pair',
          'cpo',
          'exo_pair',
          'hinge',
          'ipo',
          'nca_pair',
          'orpo',
          'robust',
          'sigmoid',
        ],
        ...['sigmoid_norm', 'simpo', 'sppo_hard'],
      ].sort(),
    );
  });
});

/** Every loss on pairs, and the one of the guide, with its defaults. */
const ALL: [string, PairTerm][] = [...LOSSES.filter(({ perPair }) => perPair), dpop].map((loss) => [
  loss.name,
  pairTermOf({ loss, settings: loss.settings.parse({}) })!,
]);

describe('the gradient is what finite differences of the loss say', () => {
  test.each(ALL)('%s', async (_, term) => {
    await withLoss(term, async (run) => {
      const part = partOf({ tokens: [4, 7], policy: [], reference: [-5.5, -9.25] });
      const at = [-5, -10];
      const { gradient } = await run(at, part);
      for (const row of [0, 1]) {
        const step = 0.02;
        const moved = async (by: number) => (await run(at.with(row, at[row]! + by), part)).loss;
        const measured = ((await moved(step)) - (await moved(-step))) / (2 * step);
        expect(Math.abs(measured - gradient[row]!)).toBeLessThan(1e-3 * Math.max(0.1, Math.abs(measured)));
      }
    });
  });
});

test('DPO-Positive is its formula: DPO where the chosen rises, with a penalty where it falls', async () => {
  await withLoss(pairTermOf({ loss: dpop, settings: { beta: 0.3, penalty: 2 } })!, async (run) => {
    const part = partOf({ tokens: [4, 7], policy: [], reference: [-5, -9] });
    const loss = (logits: number): number => Math.log1p(Math.exp(-logits));
    expect((await run([-4, -10], part)).loss).toBeCloseTo(loss(0.3 * 2), 5);
    expect((await run([-6, -10], part)).loss).toBeCloseTo(loss(0.3 * (0 - 2 * 1)), 5);
  });
});

describe('a loss is finite, with a finite gradient, wherever log-probs can be', () => {
  const extremes = [0, -1e-7, -1, -1e4];
  test.each(ALL)('%s', async (_, term) => {
    await withLoss(term, async (run) => {
      for (const chosen of extremes) {
        for (const rejected of extremes) {
          const part = partOf({ tokens: [1, 3], policy: [], reference: [-20, -20] });
          const { loss, gradient } = await run([chosen, rejected], part);
          expect([loss, ...gradient].every(Number.isFinite), `${chosen}, ${rejected}: ${loss}, ${gradient}`).toBe(true);
        }
      }
    });
  });
});

test('what a loss reads without saying that it needs it is an error of its author', async () => {
  const dpo = findLoss('sigmoid')!;
  const reads = (side: 'reference' | 'tokens') => ({
    ...chooseLoss('sigmoid'),
    loss: {
      ...dpo,
      needs: { reference: false, scores: 'sum' as const },
      perPair: (_: unknown, its: never) => its['chosen'][side],
    },
  });
  for (const side of ['reference', 'tokens'] as const)
    await expect(withLoss(pairTermOf(reads(side) as never)!, () => undefined)).rejects.toThrow(`reads ${side}`);
});

/** Trains as the golden runs did; a loss without a reference is given a broken one. */
async function train({ preference, settings, nll_alpha: nllAlpha, steps }: Golden['trainings'][number]) {
  const { pairs } = readJson<{ pairs: { prompt: number[]; chosen: number[]; rejected: number[] }[] }>(
    'train/train_golden.json',
  );
  const { config, weights } = await readCheckpoint(path.join(golden, 'models/untied'));
  const start = await readTensorFile(path.join(golden, 'train/policy.safetensors'));
  for (const [name, { values }] of start) weightView(weights, name).set(values as Float32Array);
  const reference = await readCheckpoint(path.join(golden, 'models/untied'));
  const chosen = chooseLoss(preference, settings);
  if (!chosen.loss.needs.reference) reference.weights.flat.fill(Number.NaN);
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
    loss: { ...chosen, nllAlpha, nllReduction: 'TOKEN_MEAN' },
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
  return { weights, metrics, start };
}

describe("five steps of training are those of TRL's code", () => {
  test.each(trainings)('$case with nll_alpha $nll_alpha', async (training) => {
    const { weights, metrics } = await train(training);
    metrics.forEach(({ loss, gradientNorm }, step) => {
      const wanted = training.steps[step]!;
      expect(Math.abs(loss - wanted.loss)).toBeLessThan((step === 0 ? 2e-5 : 5e-5) * Math.max(1, wanted.loss));
      expect(Math.abs(gradientNorm / wanted.gradient_norm - 1)).toBeLessThan(5e-5);
    });
    if (!training.weights) return;
    const after = await readTensorFile(path.join(golden, `losses/${training.case}_step5.safetensors`));
    const errors = [...after].flatMap(([name, { values }]) => {
      const view = weightView(weights, name);
      return Array.from(values as Float32Array, (value, i) => Math.abs(view[i]! - value));
    });
    // AdamW's first steps follow the sign of a gradient: where that is nearly zero, rounding decides.
    const off = (tolerance: number): number => errors.filter((error) => error > tolerance).length / errors.length;
    expect([off(2.1e-3 * 5), off(5e-5) <= 0.005, off(2e-6) <= 0.02]).toEqual([0, true, true]);
  });
});
