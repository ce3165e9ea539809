import { fileURLToPath } from 'node:url';
import { RunState } from '@hone/contracts';
import { expect, it, onTestFinished } from 'vitest';
import { settingsOf, startPlatform } from '../testing/platform.ts';

const RECIPES = fileURLToPath(new URL('../../../../examples/extensions/recipe', import.meta.url));

it('a training whose reference is another model than its pairs were sampled from names both', async () => {
  const platform = await startPlatform({ recipesDir: RECIPES });
  onTestFinished(() => platform.close());
  const { name } = await platform.createRun((spec) => {
    spec.recipe = 'fixed-reference';
    settingsOf(spec)['iterations'] = 3;
  });
  await platform.watch(name);
  const { state, error, iterations, spec } = await platform.getRun(name);
  expect([state, error]).toEqual([RunState.SUCCEEDED, '']);
  const models = [spec!.baseCheckpoint, ...iterations.slice(1).map(({ checkpoint }) => checkpoint)];
  const asked = platform.hooks.trainings.map((request) => ({
    start: request.checkpoint,
    // The start itself is not named.
    reference: request.referenceCheckpoint || request.checkpoint,
    sampledFrom: request.sampledFrom,
  }));
  expect(asked).toEqual(
    models.slice(0, 3).map((model) => ({ start: model, reference: models[0], sampledFrom: model })),
  );
});
