/** The losses on pairs against the values of TRL's own code (test/golden/losses, scripts/golden/golden_losses.py). */
import { readTensorFile, weightView } from '@hone/checkpoint';
import { chooseLoss, findLoss, PREFERENCE_LOSSES, type ChosenLoss, type Loss } from '@hone/losses';
import { describe, expect, test } from 'vitest';
import type { BatchPart } from '../data/batch.ts';
import { expectNear, expectSteps, goldenFile, readGolden, rowOf, trainGolden, withLoss } from './test-losses.ts';

/** The example of docs/guides/loss.md. */
const example = new URL('../../../../examples/extensions/loss/dpop.ts', import.meta.url).href;
const { dpop } = (await import(example)) as { dpop: Loss };

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
const { pairs, cases, trainings } = readGolden<Golden>('losses/losses_golden.json');

/** A pair as a part of its own, or two labelled completions. */
const partOf = ({ tokens, reference }: (typeof pairs)[number]): BatchPart => ({
  rows: tokens.map((count, row) => rowOf(count, reference[row]!)),
  pairs: [{ chosen: 0, rejected: 1, weight: 1 }],
  labels: [
    { row: 0, desirable: true, advantage: 1.5, weight: 1 },
    { row: 1, desirable: false, advantage: -1, weight: 1 },
  ],
  kl: 0.75,
});

describe("values and gradients are those of TRL's code", () => {
  test.each(Object.entries(cases))('%s', async (_, { preference, settings, values }) => {
    await withLoss(chooseLoss(preference, settings), async (run) => {
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

/** Every loss on pairs or completions, and the one of the guide, with its defaults. */
const ALL: [string, ChosenLoss][] = [
  ...PREFERENCE_LOSSES.filter(({ perPair, perCompletion }) => perPair ?? perCompletion),
  dpop,
].map((loss) => [loss.name, { loss, settings: loss.settings.parse({}) as ChosenLoss['settings'] }]);

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
  await withLoss({ loss: dpop, settings: { beta: 0.3, penalty: 2 } }, async (run) => {
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
    await expect(withLoss(reads(side) as never, () => undefined)).rejects.toThrow(`reads ${side}`);
  const kto = findLoss('kto')!;
  const blind = { ...kto, needs: { reference: true, scores: 'sum' as const } };
  await expect(withLoss({ ...chooseLoss('kto'), loss: blind }, () => undefined)).rejects.toThrow('reads kl');
});

describe("five steps of training are those of TRL's code", () => {
  const { pairs } = readGolden<{ pairs: { prompt: number[]; chosen: number[]; rejected: number[] }[] }>(
    'train/train_golden.json',
  );
  const groups = pairs.map(({ prompt, chosen, rejected }, index) => ({
    problemId: String(index),
    promptTokenIds: Int32Array.from(prompt),
    completions: [chosen, rejected].map((ids) => ({ tokenIds: Int32Array.from(ids) })),
    pairs: [{ chosen: 0, rejected: 1 }],
  }));

  test.each(trainings)('$case with nll_alpha $nll_alpha', async (training) => {
    const { preference, settings, nll_alpha: nllAlpha, steps } = training;
    const options = { nllAlpha, steps: steps.length };
    const { weights, metrics } = await trainGolden(chooseLoss(preference, settings), groups, options);
    expectSteps(metrics, steps);
    if (!training.weights) return;
    const after = await readTensorFile(goldenFile(`losses/${training.case}_step5.safetensors`));
    const errors = [...after].flatMap(([name, { values }]) => {
      const view = weightView(weights, name);
      return Array.from(values as Float32Array, (value, i) => Math.abs(view[i]! - value));
    });
    // AdamW's first steps follow the sign of a gradient: where that is nearly zero, rounding decides.
    const off = (tolerance: number): number => errors.filter((error) => error > tolerance).length / errors.length;
    expect([off(2.1e-3 * 5), off(5e-5) <= 0.005, off(2e-6) <= 0.02]).toEqual([0, true, true]);
  });
});
