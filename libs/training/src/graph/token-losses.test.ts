/** The losses on tokens against the values of TRL's own code (scripts/golden/golden_tokens.py). */
import { chooseLoss, type TokenCounts } from '@hone/losses';
import { describe, expect, test } from 'vitest';
import { preferenceParts } from '../data/batch.ts';
import type { GroupItems } from '../data/items.ts';
import type { PreferenceGroup } from '../types.ts';
import { expectNear, expectSteps, readGolden, trainGolden, withLoss } from './test-losses.ts';

interface Golden {
  readonly batches: readonly {
    readonly advantages: readonly number[];
    readonly rows: readonly Record<'policy' | 'old' | 'reference', readonly number[]>[];
  }[];
  readonly cases: Record<string, { settings: object; values: { loss: number; gradient: number[][] }[] }>;
  readonly data: readonly { prompt: number[]; completion: number[]; advantage: number }[];
  readonly trainings: readonly {
    readonly case: string;
    readonly settings: object;
    readonly steps: readonly { loss: number; gradient_norm: number }[];
  }[];
}
const { batches, cases, data, trainings } = readGolden<Golden>('losses/tokens_golden.json');

/** Completions of a batch, each a problem's only one. */
const itemsOf = ({ advantages, rows }: Golden['batches'][number]): GroupItems[] =>
  rows.map(({ old, reference }, index) => ({
    group: {
      problemId: String(index),
      promptTokenIds: new Int32Array(1),
      completions: [
        {
          tokenIds: Int32Array.from(old, () => index),
          tokenLogProbs: { old: Float32Array.from(old), reference: Float32Array.from(reference) },
        },
      ],
      pairs: [],
    },
    items: [{ completion: 0, desirable: advantages[index]! > 0, advantage: advantages[index]! }],
  }));

describe("values and gradients are those of TRL's code", () => {
  test.each(Object.entries(cases))('%s', async (_, { settings, values }) => {
    const term = chooseLoss('grpo', settings);
    const tokenWeight = (counts: TokenCounts) => term.loss.tokenWeight!(counts, term.settings as never);
    await withLoss(term, async (run) => {
      for (const [index, batch] of batches.entries()) {
        const options = { nllAlpha: 0, nllReduction: 'TOKEN_MEAN', tokenWeight } as const;
        // However the batch is cut, its parts add up.
        let loss = 0;
        for (const part of preferenceParts(itemsOf(batch), options, index === 2 ? 1 : 1e9)) {
          const numbers = part.rows.map(({ completionTokenIds }) => completionTokenIds[0]!);
          const result = await run(
            numbers.flatMap((number) => batch.rows[number]!.policy),
            part,
          );
          loss += result.loss;
          const wanted = numbers.flatMap((number) => values[index]!.gradient[number]!);
          result.gradient.forEach((value, token) => expectNear(value, wanted[token]!, `gradient of batch ${index}`));
        }
        expectNear(loss, values[index]!.loss, `loss of batch ${index}`);
      }
    });
  });
});

test('a loss on tokens is finite, with a finite gradient, wherever log-probs can be', async () => {
  const extremes = [0, -1e-7, -1, -1e4];
  const cases = extremes.flatMap((policy) =>
    extremes.flatMap((old) => extremes.map((reference) => ({ policy: [policy], old: [old], reference: [reference] }))),
  );
  await withLoss(chooseLoss('grpo'), async (run) => {
    for (const advantage of [1, -1]) {
      for (const row of cases) {
        const batch = itemsOf({ advantages: [advantage], rows: [row] });
        const [part] = preferenceParts(batch, { nllAlpha: 0, nllReduction: 'TOKEN_MEAN' }, 1);
        const { loss, gradient } = await run(row.policy, part!);
        expect([loss, ...gradient].every(Number.isFinite), JSON.stringify({ ...row, advantage })).toBe(true);
      }
    }
  });
});

describe("five steps of training are those of TRL's code", () => {
  const groups = data.map(({ prompt, completion, advantage }, index): PreferenceGroup => ({
    problemId: String(index),
    promptTokenIds: Int32Array.from(prompt),
    completions: [{ tokenIds: Int32Array.from(completion) }],
    pairs: [],
    labels: [{ completion: 0, desirable: advantage > 0, advantage }],
  }));

  test.each(trainings)('$case', async ({ settings, steps }) => {
    const options = { nllAlpha: 0, steps: steps.length };
    const { metrics } = await trainGolden(chooseLoss('grpo', settings), groups, options);
    expectSteps(metrics, steps);
  });
});
