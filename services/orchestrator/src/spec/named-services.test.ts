import { messageOf, RunSpec, RunState, ServerRef, type PartialMessage } from '@hone/contracts';
import { callUnary, descriptionOf, descriptionService, startServer } from '@hone/rpc';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPeers } from '../testing/peers.ts';
import { startPlatform, type TestPlatform } from '../testing/platform.ts';

let platform: TestPlatform;
let others: Awaited<ReturnType<typeof startPeers>>;
let scorer: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  platform = await startPlatform();
  others = await startPeers(platform.store);
  const services = [descriptionService(descriptionOf('scorer', { capacity: 1 }))];
  scorer = await startServer({ address: '127.0.0.1:0', services });
});
afterAll(async () => {
  await platform.close();
  await others.close();
  await scorer.close(0);
});

type Named = Partial<Record<'sampler' | 'trainer' | 'evaluator', PartialMessage<ServerRef>>>;

const validate = (named: Named, more: Partial<RunSpec> = {}) =>
  callUnary(platform.client, 'createRun', {
    requestId: '',
    spec: messageOf(RunSpec, { ...platform.spec(), ...named, ...more } as RunSpec),
    validateOnly: true,
  });

it('a run that names its sampler, trainer and evaluator is done by them, and makes what the own ones make', async () => {
  const own = await platform.createRun();
  await platform.watch(own.name);
  platform.hooks.calls.length = 0;
  const { sampler, trainer, evaluator } = others.addresses;
  const run = await platform.createRun((spec) => {
    // Named twice, and by a name that nobody listens at: replicas.
    spec.sampler = ServerRef.fromPartial({ address: `${sampler},127.0.0.1:1` });
    spec.trainer = ServerRef.fromPartial({ address: trainer });
    spec.evaluator = ServerRef.fromPartial({ address: evaluator });
  });
  await platform.watch(run.name);
  expect((await platform.getRun(run.name)).state).toBe(RunState.SUCCEEDED);
  expect(new Set(others.hooks.calls)).toEqual(new Set(['sample', 'train', 'evaluate']));
  expect(new Set(platform.hooks.calls)).toEqual(new Set(['score', 'buildDataset']));
  expect(others.hooks.samplersOfEvaluations).toEqual(new Set([`${sampler},127.0.0.1:1`]));
  const checkpoints = async (name: string) =>
    (await platform.getRun(name)).iterations.map(({ checkpoint }) => checkpoint);
  expect(await checkpoints(run.name)).toEqual(await checkpoints(own.name));
});

it('an address that nobody answers at is refused by its name before the run is created', async () => {
  await expect(validate({ sampler: { address: '127.0.0.1:1' } })).rejects.toMatchObject({
    ...{ code: 'FAILED_PRECONDITION', reason: 'SERVICE_UNREACHABLE' },
    violations: [{ field: 'spec.sampler.address', description: expect.stringMatching(/answers within 5 seconds/) }],
  });
});

it('a server of another role is refused by its name', async () => {
  await expect(validate({ trainer: { address: scorer.address } })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    violations: [
      { field: 'spec.trainer.address', description: expect.stringMatching(/of role trainer, but .* it is: scorer$/) },
    ],
  });
});

it('addresses that the operator has not listed are refused, all at once, with the settings that list them', async () => {
  const elsewhere = { address: 'elsewhere.example:1' };
  const named = { sampler: elsewhere, trainer: elsewhere, evaluator: elsewhere };
  const more = { scorer: { name: 'x', ...elsewhere } } as Partial<RunSpec>;
  const refused = await validate(named, more).then(
    () => [],
    (thrown: { violations: { field: string; description: string }[] }) =>
      thrown.violations.map(({ field, description }) => [field, /--(allow-\w+)/.exec(description)?.[1]]),
  );
  expect(refused).toEqual([
    ['spec.scorer.address', 'allow-scorers'],
    ['spec.sampler.address', 'allow-samplers'],
    ['spec.trainer.address', 'allow-trainers'],
    ['spec.evaluator.address', 'allow-evaluators'],
  ]);
});

it.each(['', 'x', 'unix:/x', 'a:1,b'])('the address %j is none', async (address) => {
  await expect(validate({ sampler: { address } })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    violations: [{ field: 'spec.sampler.address' }],
  });
});
