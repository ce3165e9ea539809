import { linearTokenLogProb, symbolSizes, tf, tokenLogProb, trace } from '@hone/tfjs-onnx';
import { describe, expect, test } from 'vitest';
import { Session } from './open-session.ts';
import type { TensorView } from './tensor.ts';

const numbers = (shape: readonly [number, number], seed: number): TensorView => ({
  data: Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => 2 * Math.sin(12.9898 * (i + 1) + 78.233 * seed)),
  shape,
});
const VOCAB = 23;
const WIDTH = 6;
const { rows } = symbolSizes('rows');

type LogProb = (hidden: tf.Tensor2D, weight: tf.Tensor2D, labels: tf.Tensor1D) => tf.Tensor1D;

/** The log-probs, and the gradients of their sum weighted by `dy`. */
async function evaluate(logProb: LogProb, fed: Record<string, TensorView>): Promise<Record<string, Float32Array>> {
  const inputs = {
    hidden: { shape: [rows, WIDTH], dtype: 'float32' },
    weight: { shape: [VOCAB, WIDTH], dtype: 'float32' },
    labels: { shape: [rows], dtype: 'int32' },
    dy: { shape: [rows], dtype: 'float32' },
  } as const;
  const model = trace({ inputs, symbols: { rows } }, ({ hidden, weight, labels, dy }) => {
    const gradients = tf.grads((h, w) =>
      tf.sum(tf.mul(logProb(h as tf.Tensor2D, w as tf.Tensor2D, labels as tf.Tensor1D), dy!)),
    );
    const [byHidden, byWeight] = gradients([hidden!, weight!]) as [tf.Tensor, tf.Tensor];
    const value = logProb(hidden as tf.Tensor2D, weight as tf.Tensor2D, labels as tf.Tensor1D);
    return { value, byHidden, byWeight };
  });
  const session = await Session.create(model, { threads: 1 });
  const results = await session.run(fed, model.outputs);
  await session.close();
  return results as Record<string, Float32Array>;
}

const plain: LogProb = (hidden, weight, labels) => tokenLogProb(tf.matMul(hidden, weight, false, true), labels);

// One block, blocks that fill the vocabulary evenly and not, and one for each token.
describe.each([23, 12, 8, 5, 1])('blocks of %i of 23 tokens', (blockSize) => {
  test.each([
    { name: 'several rows, some of the same label', labels: [0, 22, 7, 7, 12, 4] },
    { name: 'one row', labels: [11] },
  ])('log-probs and gradients are those of all logits at once: $name', async ({ labels }) => {
    const count = labels.length;
    const fed = {
      hidden: numbers([count, WIDTH], 1),
      weight: numbers([VOCAB, WIDTH], 2),
      labels: { data: Int32Array.from(labels), shape: [count] },
      dy: { data: Float32Array.from(labels, (_, i) => 0.5 - i), shape: [count] },
    };
    const expected = await evaluate(plain, fed);
    const blocked = await evaluate((...inputs) => linearTokenLogProb(...inputs, { blockSize, trainable: true }), fed);
    for (const [name, values] of Object.entries(expected)) {
      values.forEach((value, i) => expect(blocked[name]![i], `${name} ${i}`).toBeCloseTo(value, 4));
    }
  });
});

test('logits far from 0 neither overflow nor vanish', async () => {
  const fed = {
    hidden: { data: Float32Array.from({ length: 2 * WIDTH }, (_, i) => (i < WIDTH ? 60 : -60)), shape: [2, WIDTH] },
    weight: numbers([VOCAB, WIDTH], 2),
    labels: { data: Int32Array.of(3, 17), shape: [2] },
    dy: { data: Float32Array.of(1, 1), shape: [2] },
  };
  const expected = await evaluate(plain, fed);
  const blocked = await evaluate((...inputs) => linearTokenLogProb(...inputs, { blockSize: 5, trainable: true }), fed);
  for (const [name, values] of Object.entries(expected)) {
    // Logits of some hundreds are rounded by up to 6e-5, and the gradient by a weight is that, 60 times.
    values.forEach((value, i) => expect(Math.abs(blocked[name]![i]! - value), name).toBeLessThan(4e-3));
  }
});
