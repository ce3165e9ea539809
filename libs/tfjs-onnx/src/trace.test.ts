import { describe, expect, test } from 'vitest';
import * as tf from './tf.ts';
import { symbolSizes, trace } from './trace.ts';

const inputs = { x: { shape: [2, 3], dtype: 'float32' } } as const;
const tracing = (compute: (x: tf.Tensor) => tf.Tensor) => () => trace({ inputs }, ({ x }) => ({ y: compute(x!) }));

describe('what cannot be traced is refused while tracing', () => {
  test('an operation that is not on the list is named, with those that are', () => {
    expect(tracing((x) => tf.asinh(x))).toThrow(/"Asinh" cannot be traced; these can: .*BatchMatMul.*Softmax/);
  });

  test('reading data', () => {
    expect(tracing((x) => tf.tensor(tf.sum(x).dataSync()))).toThrow(/the data of a traced tensor was read/);
  });

  test('drawing random numbers in the backend', () => {
    expect(tracing((x) => tf.multinomial(x as tf.Tensor2D, 1))).toThrow(/"Multinomial" cannot be traced/);
  });

  test('gather with batchDims', () => {
    expect(tracing((x) => tf.gather(x, tf.tensor2d([[0], [1]], undefined, 'int32'), 1, 1))).toThrow(/batchDims/);
  });

  test('a trace inside a trace', () => {
    expect(tracing((x) => (tracing((y) => y)(), x))).toThrow(/does not nest/);
  });

  test('a tensor of an earlier trace', () => {
    let kept: tf.Tensor | undefined;
    tracing((x) => (kept = tf.keep(tf.add(x, 1))))();
    expect(tracing((x) => tf.add(x, kept!))).toThrow(/of an earlier trace/);
  });

  test('the sum of two open dimensions as a size', () => {
    const symbols = symbolSizes('a', 'b');
    const open = {
      a: { shape: [symbols.a, 4], dtype: 'float32' },
      b: { shape: [symbols.b, 4], dtype: 'float32' },
    } as const;
    const flat = ({ a, b }: Readonly<Record<string, tf.Tensor>>) => ({ y: tf.reshape(tf.concat([a!, b!]), [-1]) });
    expect(() => trace({ inputs: open, symbols }, flat)).toThrow(/sum of symbolic dimensions/);
  });
});

test('a failed trace leaves the backend ready for the next', () => {
  expect(tracing((x) => tf.asinh(x))).toThrow();
  expect(tracing((x) => tf.add(x, 1))().outputs).toEqual(['y']);
});

test('the gradient of a sum over a large tensor makes no large constant', () => {
  const wide = { x: { shape: [512, 1024], dtype: 'float32' } } as const;
  const model = trace({ inputs: wide }, ({ x }) => ({ y: tf.grad((v) => tf.sum(tf.square(v)))(x!) }));
  expect(model.bytes.length).toBeLessThan(2000);
});
