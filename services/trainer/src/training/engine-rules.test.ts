import { TrainingSpec, Violations, type Engine } from '@hone/contracts';
import { expect, test } from 'vitest';
import { checkForEngine } from './engine-rules.ts';

const engineWith = (...capabilities: string[]): Engine => ({
  ...{ name: 'plain', version: '1', device: 'cpu', deviceName: '' },
  ...{ precision: 'float32', precisions: ['float32'], capabilities },
});

function refused(spec: TrainingSpec, engine: Engine): string {
  const violations = new Violations();
  checkForEngine(spec, engine, violations);
  try {
    violations.throwIfAny();
    return '';
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

test('what an engine cannot do is refused by the field that asks for it, and the engine named', () => {
  const spec = TrainingSpec.fromPartial({ lora: { rank: 4 }, recomputeActivations: true });
  expect(refused(spec, engineWith('lora', 'recompute-activations'))).toBe('');
  expect(refused(spec, engineWith('lora'))).toMatch(/^spec\.recompute_activations: .* the engine plain cannot do it/);
  expect(refused(spec, engineWith())).toContain('spec.lora: must be left out');
  expect(refused(TrainingSpec.fromPartial({}), engineWith())).toBe('');
});
