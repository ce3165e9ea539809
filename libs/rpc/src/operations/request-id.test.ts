import { TrainRequest, EvaluateRequest } from '@hone/contracts';
import { expect, it } from 'vitest';
import { identify, requireSamePayload } from '@hone/listing';

const ID = 'c56a4180-65aa-42ec-a945-5fd21dec0538';
const train = (fields: Partial<TrainRequest>) =>
  identify(TrainRequest, TrainRequest.fromPartial({ requestId: ID, checkpoint: 'checkpoints/a', ...fields }));

it('the same request is the same, whatever the case of its id', () => {
  expect(train({ requestId: ID.toUpperCase() })).toEqual(train({}));
  requireSamePayload(train({}).digest, train({}));
  const scorer = (config: Record<string, string>) =>
    identify(EvaluateRequest, EvaluateRequest.fromPartial({ scorer: { name: 'x', config } }));
  // Maps have no order.
  expect(scorer({ a: '1', b: '2' })).toEqual(scorer({ b: '2', a: '1' }));
});

it('another payload under the same id is refused, whichever field differs', () => {
  for (const other of [train({ seed: 1n }), train({ checkpoint: 'checkpoints/b' }), train({ displayName: 'x' })])
    expect(() => requireSamePayload(train({}).digest, other)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        violations: [expect.objectContaining({ field: 'request_id' })],
      }),
    );
});

it('an id is a UUID or empty', () => {
  expect(train({ requestId: '' }).id).toBe('');
  for (const requestId of ['mine', `${ID}0`, ID.replaceAll('-', ''), `${ID}\n`])
    expect(() => train({ requestId })).toThrow(/^request_id: must be a UUID or empty/);
});
