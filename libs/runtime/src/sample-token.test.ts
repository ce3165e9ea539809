import { sampleToken, symbolSizes, tf, trace } from '@hone/tfjs-onnx';
import { describe, expect, test } from 'vitest';
import { Session } from './open-session.ts';

interface Row {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly uniform: number;
}

/** Rows that need nothing, few tokens, and all tokens sorted. */
const SETTINGS: readonly Omit<Row, 'uniform'>[] = [
  { temperature: 0, topK: 0, topP: 1 },
  { temperature: 1, topK: 0, topP: 1 },
  { temperature: 0.7, topK: 50, topP: 1 },
  { temperature: 1.3, topK: 0, topP: 0.9 },
  { temperature: 1, topK: 40, topP: 0.8 },
  { temperature: 1, topK: 2500, topP: 1 },
  { temperature: 1, topK: 2500, topP: 0.97 },
  { temperature: 3, topK: 0, topP: 0.999 },
  { temperature: 1, topK: 1, topP: 1 },
];
const UNIFORMS = [0, 0.03, 0.31, 0.5, 0.77, 0.992, 1 - 2 ** -23];

const logitsOf = (row: number, vocab: number): number[] =>
  Array.from({ length: vocab }, (_, token) => Math.fround(4 * Math.sin(12.9898 * (token + 1) + 78.233 * row)));

/** What the row's limits leave, most probable first, and how far along the distribution each token reaches; in double precision. */
function distribution(logits: readonly number[], { temperature, topK, topP }: Row): { token: number; until: number }[] {
  const largest = Math.max(...logits);
  const weights = logits.map((logit, token) => ({ token, weight: Math.exp((logit - largest) / temperature) }));
  const truncates = (topK > 0 && topK < logits.length) || topP < 1;
  if (truncates) weights.sort((a, b) => b.weight - a.weight || a.token - b.token);
  const inTopK = weights.slice(0, topK || weights.length);
  const mass = inTopK.reduce((sum, { weight }) => sum + weight, 0);
  let before = 0;
  const kept = inTopK.filter(({ weight }) => {
    const stays = topP >= 1 || before < topP * mass;
    before += weight;
    return stays;
  });
  const total = kept.reduce((sum, { weight }) => sum + weight, 0);
  let until = 0;
  return kept.map(({ token, weight }) => ({ token, until: (until += weight / total) }));
}

/** Tokens that the draw may give: more than one only where the point lies on a border, within rounding. */
function allowed(logits: readonly number[], row: Row): number[] {
  if (row.temperature === 0) return [logits.indexOf(Math.max(...logits))];
  const steps = distribution(logits, row);
  const rounding = 2e-5;
  return steps
    .filter(({ until }, i) => {
      const from = i === 0 ? 0 : steps[i - 1]!.until;
      return row.uniform >= from - rounding && row.uniform <= until + rounding;
    })
    .map(({ token }) => token);
}

const { batch } = symbolSizes('batch');

async function sampler(vocab: number): Promise<(rows: readonly { row: Row; logits: number[] }[]) => Promise<number[]>> {
  const column = { shape: [batch, 1], dtype: 'float32' } as const;
  const model = trace(
    {
      inputs: {
        logits: { shape: [batch, vocab], dtype: 'float32' },
        inverse_temperature: column,
        uniform: column,
        top_k: { shape: [batch, 1], dtype: 'int32' },
        top_p: column,
        truncate: { shape: [], dtype: 'bool' },
      },
      symbols: { batch },
    },
    (fed) => {
      const { token, logProb } = sampleToken({
        logits: fed['logits'] as tf.Tensor2D,
        inverseTemperature: fed['inverse_temperature'] as tf.Tensor2D,
        uniform: fed['uniform'] as tf.Tensor2D,
        topK: fed['top_k'] as tf.Tensor2D,
        topP: fed['top_p'] as tf.Tensor2D,
        truncate: fed['truncate'] as tf.Scalar,
      });
      return { token, log_prob: logProb };
    },
  );
  const session = await Session.create(model, { threads: 1 });
  return async (rows) => {
    const shape = [rows.length, 1];
    const column = (value: (row: Row) => number) => ({ data: Float32Array.from(rows, ({ row }) => value(row)), shape });
    const results = await session.run(
      {
        logits: { data: Float32Array.from(rows.flatMap(({ logits }) => logits)), shape: [rows.length, vocab] },
        inverse_temperature: column(({ temperature }) => (temperature > 0 ? 1 / temperature : 0)),
        uniform: column(({ uniform }) => uniform),
        top_k: { data: Int32Array.from(rows, ({ row }) => row.topK || vocab), shape },
        top_p: column(({ topP }) => topP),
        truncate: { data: Uint8Array.of(Number(rows.some(({ row }) => row.topK > 0 || row.topP < 1))), shape: [] },
      },
      ['token', 'log_prob'],
    );
    return [...(results['token'] as Int32Array)];
  };
}

// One sum, blocks that fill the vocabulary, and blocks that do not.
describe.each([300, 8192, 5003])('vocabulary of %i', (vocab) => {
  const rows = SETTINGS.flatMap((setting, s) =>
    UNIFORMS.map((uniform, u) => ({ row: { ...setting, uniform }, logits: logitsOf(s * 7 + u, vocab) })),
  );

  test('each row draws the token that its uniform points at', async () => {
    const draw = await sampler(vocab);
    const tokens = await draw(rows);
    for (const [index, { row, logits }] of rows.entries()) {
      expect(allowed(logits, row), JSON.stringify(row)).toContain(tokens[index]);
    }
  });

  test('a row draws the same alone as among others', async () => {
    const draw = await sampler(vocab);
    const together = await draw(rows);
    for (const [index, row] of rows.entries())
      expect(await draw([row]), JSON.stringify(row.row)).toEqual([together[index]]);
  });
});
