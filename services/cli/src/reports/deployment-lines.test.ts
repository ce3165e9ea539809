import { DeployedService } from '@hone/contracts';
import { expect, test } from 'vitest';
import { deploymentText, serviceDocument } from './deployment-lines.ts';

const ENGINE = {
  ...{ name: 'onnxruntime', version: '1.30.0', device: 'cpu', deviceName: 'A CPU' },
  ...{ precision: 'float32', precisions: ['float32', 'int8'], capabilities: ['log-probs'] },
};
const SAMPLER = DeployedService.fromPartial({
  ...{ role: 'sampler', address: 'a:1' },
  description: { role: 'sampler', version: '0.1.0', instance: 'i', capacity: 2, engine: ENGINE },
});
const SCORER = DeployedService.fromPartial({
  ...{ role: 'scorer', address: 'b:1' },
  description: { role: 'scorer', version: '0.1.0', instance: 'j', capacity: 2 },
});
const SILENT = DeployedService.fromPartial({ role: 'trainer', address: 'c:1', problem: 'c:1 cannot be reached' });

test('a service is one JSON object, with null for what it does not have', () => {
  expect(serviceDocument(SAMPLER)).toEqual({
    ...{ role: 'sampler', address: 'a:1', version: '0.1.0', instance: 'i', capacity: 2, engine: ENGINE, problem: null },
  });
  expect(serviceDocument(SCORER)).toMatchObject({ capacity: 2, engine: null, problem: null });
  expect(serviceDocument(SILENT)).toMatchObject({ version: null, capacity: null, problem: 'c:1 cannot be reached' });
});

test('people read a row a service, and why one has nothing to say', () => {
  const text = deploymentText([SAMPLER, SCORER, SILENT]);
  for (const part of ['onnxruntime 1.30.0', 'float32, int8', 'no answer', 'trainer: c:1 cannot be reached'])
    expect(text).toContain(part);
});
