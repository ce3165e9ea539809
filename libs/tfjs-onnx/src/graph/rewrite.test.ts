import { describe, expect, test } from 'vitest';
import { Graph } from './ir.ts';
import { binary, concat, expand, matMul, reduce, reshape, transpose, unary } from './rewrite.ts';

const graphWith = () => {
  const graph = new Graph();
  return { graph, a: graph.input('a', [2, 3], 'float32'), b: graph.input('b', [3, 4], 'float32') };
};

test('equal expressions are one value', () => {
  const { graph, a } = graphWith();
  expect(binary(graph, 'Mul', a, a)).toBe(binary(graph, 'Mul', a, a));
  expect(graph.scalar(0)).not.toBe(graph.scalar(-0));
});

describe('numbers that fill a shape', () => {
  test('stay one number through arithmetic, reshapes and sums', () => {
    const { graph } = graphWith();
    const two = graph.splat(2, [2, 3], 'float32');
    const sum = reduce(graph, 'ReduceSum', reshape(graph, binary(graph, 'Mul', two, two), [6]), [0], false);
    expect([sum.op, sum.scalar, sum.shape]).toEqual(['Splat', 24, []]);
  });

  test('enter an operator as a scalar, which broadcasts by itself', () => {
    const { graph, a } = graphWith();
    const product = binary(graph, 'Mul', a, graph.splat(3, [2, 3], 'float32'));
    expect(product.inputs[1]!.shape).toEqual([]);
  });

  test('vanish where they change nothing', () => {
    const { graph, a } = graphWith();
    expect(binary(graph, 'Mul', a, graph.splat(1, [2, 3], 'float32'))).toBe(a);
    expect(binary(graph, 'Add', graph.splat(0, [2, 3], 'float32'), a)).toBe(a);
    expect(unary(graph, 'Neg', unary(graph, 'Neg', a))).toBe(a);
  });

  test('keep a broadcast that they stand for', () => {
    const { graph } = graphWith();
    const row = graph.input('row', [1, 3], 'float32');
    const spread = binary(graph, 'Mul', row, graph.splat(1, [5, 3], 'float32'));
    expect([spread.op, spread.shape]).toEqual(['Expand', [5, 3]]);
  });
});

describe('transposes', () => {
  test('cancel', () => {
    const { graph, a } = graphWith();
    expect(transpose(graph, transpose(graph, a, [1, 0]), [1, 0])).toBe(a);
  });

  test('fold into matrix products', () => {
    const { graph, a, b } = graphWith();
    const product = matMul(graph, transpose(graph, a, [1, 0]), transpose(graph, b, [1, 0]), true, true);
    expect([product.op, product.inputs, product.attributes]).toEqual(['Gemm', [a, b], { transA: 0, transB: 0 }]);
  });

  test('of dimensions of 1 are reshapes', () => {
    const { graph } = graphWith();
    const value = graph.input('value', [2, 1, 3], 'float32');
    expect(transpose(graph, value, [1, 0, 2]).op).toBe('Reshape');
  });
});

test('a scalar factor of a batched product becomes its alpha', () => {
  const { graph } = graphWith();
  const q = graph.input('q', [2, 3, 4], 'float32');
  const product = matMul(graph, binary(graph, 'Mul', q, graph.scalar(0.5)), q, false, true);
  expect([product.inputs[0], product.attributes['alpha']]).toEqual([q, { float: 0.5 }]);
});

test('broadcasting that a shape asks for is done once', () => {
  const { graph } = graphWith();
  const row = graph.input('row', [1, 3], 'float32');
  const twice = expand(graph, expand(graph, row, [2, 3]), [4, 2, 3]);
  expect([twice.op, twice.inputs[0]]).toEqual(['Expand', row]);
});

test('empty parts of a concatenation are left out', () => {
  const { graph, a } = graphWith();
  const empty = graph.input('empty', [0, 3], 'float32');
  expect(concat(graph, [empty, a], 0)).toBe(a);
});

test('sizes of open dimensions, and products of them, are computed at run time', () => {
  const graph = new Graph({ batch: 10_007 });
  graph.input('x', [10_007, 3], 'float32');
  expect(graph.sizes([6, 3]).op).toBe('Constant');
  expect(graph.sizes([10_007 * 3]).op).toBe('Concat');
  expect(() => new Graph({ batch: 10_007 }).sizes([10_007])).toThrow(/no input has the symbolic dimension "batch"/);
});
