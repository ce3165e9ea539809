import { symbolSizes, tf, trace } from '@hone/tfjs-onnx';
import { describe, expect, test } from 'vitest';
import { Session } from './open-session.ts';
import type { TensorView } from './tensor.ts';

const { rows } = symbolSizes('rows');

/** y = x @ w, total = sum(y), above = y > limit, order = the columns' numbers. */
const model = trace(
  {
    inputs: { x: { shape: [rows, 3], dtype: 'float32' }, limit: { shape: [], dtype: 'float32' } },
    weights: { w: { shape: [3, 2], external: { location: 'weights', offset: 4, length: 24 } } },
    symbols: { rows },
  },
  ({ x, limit }, { w }) => {
    const y = tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D);
    return { y, total: tf.sum(y), above: tf.greater(y, limit!), order: tf.tensor1d([7, 8], 'int32') };
  },
);
/** One number that does not belong to the weight, then the weight. */
const weights = Float32Array.of(99, 1, 2, 3, 4, 5, 6);
const external = { weights: new Uint8Array(weights.buffer) };
const x = (...values: number[]): TensorView => ({ data: Float32Array.from(values), shape: [values.length / 3, 3] });
const limit = (value: number): TensorView => ({ data: Float32Array.of(value), shape: [] });

describe.each(['native', 'js'] as const)('through the %s API', (api) => {
  const open = (): Promise<Session> => Session.create(model, { threads: 1, external, api });

  test('outputs are allocated, of any type and shape', async () => {
    const session = await open();
    const results = await session.run({ x: x(1, 0, 0, 0, 1, 1), limit: limit(5) }, ['y', 'total', 'above', 'order']);
    expect(results).toEqual({
      y: Float32Array.of(1, 2, 8, 10),
      total: Float32Array.of(21),
      above: Uint8Array.of(0, 0, 1, 1),
      order: Int32Array.of(7, 8),
    });
    await session.close();
  });

  test('outputs land in arrays of the caller', async () => {
    const session = await open();
    const y = new Float32Array(4).subarray(1, 3);
    const results = await session.run({ x: x(0, 0, 2), limit: limit(0) }, ['total'], { y: { data: y, shape: [1, 2] } });
    expect(y).toEqual(Float32Array.of(10, 12));
    expect(results['y']).toEqual(y);
    expect(results['total']).toEqual(Float32Array.of(22));
    await session.close();
  });

  test('a binding reads what its inputs hold at each run', async () => {
    const session = await open();
    const input = x(1, 1, 1);
    const y = { data: new Float32Array(2), shape: [1, 2] };
    const binding = session.bind({ x: input, limit: limit(0) }, { y });
    await binding.run();
    expect(y.data).toEqual(Float32Array.of(9, 12));
    input.data.fill(0, 1);
    await binding.run();
    expect(y.data).toEqual(Float32Array.of(1, 2));
    binding.release();
    await session.close();
  });

  test('inputs that do not fit the graph are an error that says so', async () => {
    const session = await open();
    const wide = { data: new Float32Array(4), shape: [1, 4] };
    await expect(session.run({ x: wide, limit: limit(0) }, ['y'])).rejects.toThrow(/running a graph failed.*4.*3/s);
    await session.close();
  });

  test('a model that is none is an error', async () => {
    const broken = { ...model, bytes: model.bytes.slice(0, 40) };
    await expect(Session.create(broken, { threads: 1, external, api })).rejects.toThrow(
      /opening an ONNX Runtime session/,
    );
  });
});

test('the native API leaves the event loop free while a graph runs', async () => {
  const size = 1024;
  const square: TensorView = { data: new Float32Array(size * size).fill(0.5), shape: [size, size] };
  const heavy = trace({ inputs: { a: { shape: [size, size], dtype: 'float32' } } }, ({ a }) => {
    let product = a as tf.Tensor2D;
    for (let i = 0; i < 6; i++) product = tf.matMul(product, a as tf.Tensor2D);
    return { product };
  });
  const session = await Session.create(heavy, { threads: 1, api: 'native' });
  let turns = 0;
  const turning = setInterval(() => (turns += 1), 1);
  await session.run({ a: square }, ['product']);
  clearInterval(turning);
  expect(turns).toBeGreaterThan(0);
  await session.close();
});
