import { RunSpec } from '@hone/contracts';
import { expect, it } from 'vitest';
import { changedSpec } from './commands/fork-run.ts';

const spec = RunSpec.fromPartial({
  iterations: 4,
  seed: 7n,
  training: { optimizer: { learningRate: 1e-5 }, epochs: 2 },
  displayName: 'first',
});

it('a fork has the spec of its run, but for the fields that are set', () => {
  const changed = changedSpec(spec, [
    { path: ['training', 'optimizer', 'learningRate'], value: 1e-6 },
    { path: ['iterations'], value: 2 },
    { path: ['sampling', 'temperature'], value: 0.7 },
    { path: ['seed'], value: '8' },
  ]);
  expect(changed).toMatchObject({ iterations: 2, seed: 8n, displayName: 'first', sampling: { temperature: 0.7 } });
  expect(changed.training).toEqual({
    ...spec.training,
    optimizer: { ...spec.training!.optimizer, learningRate: 1e-6 },
  });
});

it('a field that no spec has is refused, and so is a value that is there already', () => {
  for (const path of [['iteration'], ['training', 'rate'], ['constructor']])
    expect(() => changedSpec(spec, [{ path, value: 3 }])).toThrow(/is no field of a run's spec/);
  expect(() => changedSpec(spec, [{ path: ['iterations'], value: 4 }])).toThrow(/has this value already/);
});
