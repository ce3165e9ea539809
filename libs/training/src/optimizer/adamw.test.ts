import { allocateWeights } from '@hone/checkpoint';
import { expect, test } from 'vitest';
import { AdamW, clipFactor, decays, gradientNorm } from './adamw.ts';

const OPTIONS = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  maxGradNorm: 0,
  warmupSteps: 0,
  schedule: 'constant',
} as const;

test('three steps equal torch.optim.AdamW', () => {
  const weights = allocateWeights([{ name: 'a.weight', shape: [1, 3] }]);
  weights.flat.set([1, -2, 0.5]);
  const adamw = new AdamW(weights, { ...OPTIONS, weightDecay: 0.01 });
  for (const gradients of [
    [0.5, -1, 0],
    [0.25, 2, 0.1],
    [-1, 0.5, -0.1],
  ]) {
    adamw.update(Float32Array.from(gradients), 0.1, 1);
  }
  // torch 2.15: AdamW([1, -2, .5], lr=.1, betas=(.9, .999), eps=1e-8, weight_decay=.01) with these gradients.
  const expected = [0.82471389, -1.97234476, 0.42868045];
  expected.forEach((value, i) => expect(weights.flat[i]).toBeCloseTo(value, 6));
});

test('decay acts on matrices, the embedding included, and not on norms and biases', () => {
  expect(decays({ name: 'model.embed_tokens.weight', shape: [4, 2] })).toBe(true);
  expect(decays({ name: 'model.layers.0.mlp.up_proj.weight', shape: [4, 2] })).toBe(true);
  expect(decays({ name: 'model.layers.0.input_layernorm.weight', shape: [2] })).toBe(false);
  expect(decays({ name: 'model.layers.0.self_attn.q_proj.bias', shape: [2] })).toBe(false);
});

test('decay without a gradient shrinks a matrix by the rate and leaves a norm alone', () => {
  const weights = allocateWeights([
    { name: 'a.weight', shape: [1, 2] },
    { name: 'norm.weight', shape: [2] },
  ]);
  weights.flat.fill(1);
  new AdamW(weights, { ...OPTIONS, weightDecay: 0.5 }).update(new Float32Array(4), 0.1, 1);
  expect([...weights.flat]).toEqual([0.95, 0.95, 1, 1].map(Math.fround));
});

test('gradients are scaled down to the largest norm, never up', () => {
  expect(gradientNorm(Float32Array.of(3, 4))).toBe(5);
  expect(clipFactor(5, 1)).toBeCloseTo(0.2, 6);
  expect(clipFactor(0.5, 1)).toBe(1);
  expect(clipFactor(5, 0)).toBe(1);
});
