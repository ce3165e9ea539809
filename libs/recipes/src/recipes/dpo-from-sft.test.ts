import { expect, test } from 'vitest';
import { settingsOf } from '../recipe.ts';
import { recordedLoop } from '../recorded-loop.ts';
import { dpoFromSft } from './dpo-from-sft.ts';

const settings = (given: object) => settingsOf(dpoFromSft, given, 'settings');

test('the model that was fine-tuned on right samples is where DPO starts, and its reference', async () => {
  const { loop, lines } = recordedLoop();
  await dpoFromSft.run(loop, settings({ fine_tuning: { learning_rate: 1e-5 } }));
  expect(lines).toEqual([
    '0 evaluate base on test',
    '0 publish base',
    '1 sample 30 of base at 0.8',
    '1 score c1',
    '1 build right-samples of v1',
    '1 build cycle of v1',
    '1 fine-tune base against base on d1 at 0.00001',
    '1 train fine-tunem1 against fine-tunem1 on d1 at 7e-7',
    '1 evaluate m1 on test',
    '1 publish m1',
  ]);
});

test('its DPO has no NLL, which the fine-tuning is', () => {
  expect(settings({})).toMatchObject({ training: { nll_alpha: 0 }, fine_tuning: { nll_reduction: 'TOKEN_MEAN' } });
});
