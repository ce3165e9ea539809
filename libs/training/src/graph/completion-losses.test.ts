/** The losses on labelled completions against the values of TRL's own code (scripts/golden/golden_completions.py). */
import { chooseLoss, LOSSES } from '@hone/losses';
import { describe, expect, test } from 'vitest';
import type { PreferenceGroup } from '../types.ts';
import { expectNear, expectSteps, readGolden, rowOf, trainGolden, withLoss } from './test-losses.ts';

interface Batch {
  readonly labels: readonly boolean[];
  readonly tokens: readonly number[];
  readonly policy: readonly number[];
  readonly reference: readonly number[];
}
interface Labelled {
  readonly prompt: readonly number[];
  readonly completion: readonly number[];
  readonly label: boolean;
}
interface Golden {
  readonly batches: readonly Batch[];
  readonly cases: Record<
    string,
    { preference: string; settings: object; values: { loss: number; kl: number; gradient: number[] }[] }
  >;
  readonly data: { readonly pairs: readonly Labelled[]; readonly unpaired: readonly Labelled[] };
  readonly trainings: readonly {
    readonly case: string;
    readonly preference: string;
    readonly settings: object;
    readonly data: 'pairs' | 'unpaired';
    readonly nll_alpha: number;
    readonly steps: readonly { loss: number; kl: number; gradient_norm: number }[];
  }[];
}
const { batches, cases, data, trainings } = readGolden<Golden>('losses/completions_golden.json');

describe("values and gradients are those of TRL's code", () => {
  test.each(Object.entries(cases))('%s', async (_, { preference, settings, values }) => {
    await withLoss(chooseLoss(preference, settings), async (run) => {
      for (const [index, { labels, tokens, policy, reference }] of batches.entries()) {
        const { loss: wanted, kl, gradient: gradients } = values[index]!;
        const part = {
          rows: tokens.map((count, row) => rowOf(count, reference[row]!)),
          pairs: [],
          labels: labels.map((desirable, row) => ({ row, desirable, advantage: 0, weight: 1 / labels.length })),
          kl,
        };
        const { loss, gradient } = await run(policy, part);
        expectNear(loss, wanted, `loss of batch ${index}`);
        gradients.forEach((wanted, row) => expectNear(gradient[row]!, wanted, `gradient of batch ${index}`));
      }
    });
  });

  test('of every loss on labelled completions', () => {
    const held = new Set(Object.values(cases).map(({ preference }) => preference));
    const all = LOSSES.filter(({ perCompletion }) => perCompletion).map(({ name }) => name);
    expect([...held].sort()).toEqual([...all].sort());
  });
});

const completion = ({ completion: ids }: Labelled) => ({ tokenIds: Int32Array.from(ids) });

/** A group for each labelled completion. */
const labelledGroups = (of: readonly Labelled[]): PreferenceGroup[] =>
  of.map((one, index) => ({
    problemId: String(index),
    promptTokenIds: Int32Array.from(one.prompt),
    completions: [completion(one)],
    pairs: [],
    labels: [{ completion: 0, desirable: one.label }],
  }));

/** A group for each pair; the chosen come first, and then the rejected in the same order. */
function pairGroups(of: readonly Labelled[]): PreferenceGroup[] {
  const chosen = of.filter(({ label }) => label);
  return chosen.map((one, index) => ({
    problemId: String(index),
    promptTokenIds: Int32Array.from(one.prompt),
    completions: [completion(one), completion(of[chosen.length + index]!)],
    pairs: [{ chosen: 0, rejected: 1 }],
  }));
}

describe("five steps of training are those of TRL's code", () => {
  const forms = trainings.flatMap((training) => [
    { ...training, as: 'labelled completions' },
    ...(training.data === 'pairs' ? [{ ...training, as: 'pairs' }] : []),
  ]);
  test.each(forms)('$case on $data as $as with nll_alpha $nll_alpha', async (training) => {
    const { preference, settings, nll_alpha: nllAlpha, steps } = training;
    const groups = (training.as === 'pairs' ? pairGroups : labelledGroups)(data[training.data]);
    const chosen = chooseLoss(preference, settings);
    // However the batch is cut, the divergence is the whole batch's.
    const maxTokensPerRun = training.as === 'pairs' ? 1 : 1e9;
    const { metrics } = await trainGolden(chosen, groups, { nllAlpha, steps: steps.length, maxTokensPerRun });
    expectSteps(metrics, steps);
    metrics.forEach(({ referencePoint }, step) => expect(referencePoint).toBeCloseTo(steps[step]!.kl, 3));
  });
});
