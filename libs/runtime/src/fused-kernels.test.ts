import { composites, rmsNorm, rope, silu, sumSegments, symbolSizes, tf, tokenLogProb, trace } from '@hone/tfjs-onnx';
import { describe, expect, test } from 'vitest';
import { Session } from './open-session.ts';
import type { TensorView } from './tensor.ts';

/** Numbers without a pattern that a kernel could profit from. */
const numbers = (shape: readonly number[], seed: number): TensorView => {
  const length = shape.reduce((product, dim) => product * dim, 1);
  return { data: Float32Array.from({ length }, (_, i) => 2 * Math.sin(12.9898 * (i + 1) + 78.233 * seed)), shape };
};
/** A rotary table: both halves of the last axis are alike. */
const table = (shape: readonly number[], seed: number): TensorView => {
  const width = shape.at(-1)!;
  const { data } = numbers(shape, seed);
  return { data: Float32Array.from(data, (_, i) => data[i - (i % width) + (i % (width / 2))]!), shape };
};
const ints = (...values: number[]): TensorView => ({ data: Int32Array.from(values), shape: [values.length] });

interface Case {
  readonly kernel: string;
  /** Differentiable inputs, then the others. */
  readonly inputs: Readonly<Record<string, TensorView>>;
  readonly differentiable: readonly string[];
  readonly attributes: Record<string, unknown>;
  readonly fused: (inputs: Readonly<Record<string, tf.Tensor>>) => tf.Tensor;
}

const EPSILON = 1e-5;
const cases: Case[] = [
  {
    kernel: 'RmsNorm',
    inputs: { x: numbers([5, 8], 1), weight: numbers([8], 2) },
    differentiable: ['x', 'weight'],
    attributes: { epsilon: EPSILON },
    fused: ({ x, weight }) => rmsNorm(x as tf.Tensor2D, weight as tf.Tensor1D, EPSILON),
  },
  {
    kernel: 'Silu',
    inputs: { x: numbers([4, 6], 3) },
    differentiable: ['x'],
    attributes: {},
    fused: ({ x }) => silu(x as tf.Tensor2D),
  },
  {
    kernel: 'Rope',
    inputs: { x: numbers([2, 3, 4, 6], 4), cos: table([1, 1, 4, 6], 5), sin: table([1, 1, 4, 6], 6) },
    differentiable: ['x'],
    attributes: { inverse: false },
    fused: ({ x, cos, sin }) => rope(x as tf.Tensor4D, cos as tf.Tensor4D, sin as tf.Tensor4D),
  },
  {
    kernel: 'Rope',
    inputs: { x: numbers([2, 3, 4, 6], 4), cos: table([2, 1, 4, 6], 5), sin: table([2, 1, 4, 6], 6) },
    differentiable: ['x'],
    attributes: { inverse: false },
    fused: ({ x, cos, sin }) => rope(x as tf.Tensor4D, cos as tf.Tensor4D, sin as tf.Tensor4D),
  },
  {
    kernel: 'TokenLogProb',
    inputs: { logits: numbers([4, 7], 7), labels: ints(3, 0, 6, 3) },
    differentiable: ['logits'],
    attributes: {},
    fused: ({ logits, labels }) => tokenLogProb(logits as tf.Tensor2D, labels as tf.Tensor1D),
  },
];

/** The value, and the gradient of its weighted sum by the inputs that have one. */
async function evaluate(
  { inputs, differentiable }: Pick<Case, 'inputs' | 'differentiable'>,
  compute: Case['fused'],
): Promise<Record<string, number[]>> {
  const declared = Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => {
      const dtype = data instanceof Int32Array ? ('int32' as const) : ('float32' as const);
      return [name, { shape, dtype }];
    }),
  );
  const model = trace({ inputs: declared }, (fed) => {
    const value = compute(fed);
    const weighting = tf.tensor(numbers(value.shape, 11).data as Float32Array, value.shape);
    const sum = (...tensors: tf.Tensor[]): tf.Scalar => {
      const replaced = Object.fromEntries(differentiable.map((name, i) => [name, tensors[i]!]));
      return tf.sum(tf.mul(compute({ ...fed, ...replaced }), weighting)) as tf.Scalar;
    };
    const gradients = tf.grads(sum)(differentiable.map((name) => fed[name]!));
    return { value, ...Object.fromEntries(differentiable.map((name, i) => [`gradient_${name}`, gradients[i]!])) };
  });
  const session = await Session.create(model, { threads: 1 });
  const results = await session.run(inputs, model.outputs);
  await session.close();
  return Object.fromEntries(Object.entries(results).map(([name, data]) => [name, [...data]]));
}

describe('a fused kernel and its gradient equal the plain operations that it stands for', () => {
  test.each(cases)('$kernel', async (item) => {
    const fused = await evaluate(item, item.fused);
    const plain = await evaluate(item, (inputs) => composites[item.kernel]!(inputs, item.attributes));
    for (const [name, values] of Object.entries(plain)) {
      expect(fused[name]).toHaveLength(values.length);
      values.forEach((value, i) => expect(fused[name]![i], name).toBeCloseTo(value, 4));
    }
  });

  test('SumSegments', async () => {
    const inputs = { values: numbers([5], 8), segments: ints(2, 0, 2, 2, 0) };
    const { value, gradient_values: gradient } = await evaluate(
      { inputs, differentiable: ['values'] },
      ({ values, segments }) => sumSegments(values as tf.Tensor1D, segments as tf.Tensor1D, 3),
    );
    const v = [...inputs.values.data];
    [v[1]! + v[4]!, 0, v[0]! + v[2]! + v[3]!].forEach((sum, i) => expect(value![i]).toBeCloseTo(sum, 5));
    const weighting = [...numbers([3], 11).data];
    [2, 0, 2, 2, 0].forEach((segment, i) => expect(gradient![i]).toBeCloseTo(weighting[segment]!, 5));
  });

  test('the gradient kernel of TokenLogProb', async () => {
    const inputs = { logits: numbers([3, 5], 9), labels: ints(4, 1, 1) };
    const shapes = { logits: { shape: [3, 5], dtype: 'float32' }, labels: { shape: [3], dtype: 'int32' } } as const;
    const dy = [0.5, -2, 1];
    const model = trace({ inputs: shapes }, ({ logits, labels }) => ({
      fused: tf.grad((x) => tf.sum(tf.mul(tokenLogProb(x as tf.Tensor2D, labels as tf.Tensor1D), dy)))(logits!),
      plain: composites['TokenLogProbGrad']!({ dy: tf.tensor1d(dy), logits: logits!, labels: labels! }, {}),
    }));
    const session = await Session.create(model, { threads: 1 });
    const { fused, plain } = await session.run(inputs, model.outputs);
    await session.close();
    plain!.forEach((value, i) => expect(fused![i]).toBeCloseTo(value, 5));
  });
});

test('one session serves every size of its open dimensions', async () => {
  const symbols = symbolSizes('rows', 'columns');
  const { rows, columns } = symbols;
  const inputs = {
    a: { shape: [rows, columns], dtype: 'float32' },
    b: { shape: [columns, 3], dtype: 'float32' },
  } as const;
  const model = trace({ inputs, symbols }, ({ a, b }) => {
    const product = tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);
    const [left, right] = tf.split(tf.concat([a!, product], 1), [columns, 3], 1) as [tf.Tensor2D, tf.Tensor2D];
    return { left: tf.reshape(left, [rows * columns]), right, broadcast: tf.add(tf.zeros([rows, 3]), right) };
  });
  const session = await Session.create(model, { threads: 1 });
  for (const [r, c] of [
    [1, 1],
    [4, 2],
    [3, 7],
  ] as const) {
    const a = numbers([r, c], 1);
    const b = numbers([c, 3], 2);
    const out = await session.run({ a, b }, model.outputs);
    expect(out['left']).toEqual(a.data);
    for (let i = 0; i < r * 3; i++) {
      const [row, column] = [Math.floor(i / 3), i % 3];
      let sum = 0;
      for (let k = 0; k < c; k++) sum += a.data[row * c + k]! * b.data[k * 3 + column]!;
      expect(out['right']![i]).toBeCloseTo(sum, 4);
      expect(out['broadcast']![i]).toBe(out['right']![i]);
    }
  }
  await session.close();
});
