import { z } from 'zod';
import { positive } from '../common-settings.ts';
import { defineLoss } from '../loss.ts';

export const none = defineLoss({
  name: 'none',
  version: 1,
  summary: 'No loss on pairs: only the NLL of the chosen.',
  formula: '0',
  source: 'the SFT baseline on chosen completions of arXiv 2404.19733, table 1',
  // The rewards that are reported are against it, and so is the watch over the chosen.
  needs: { reference: true, scores: 'sum' },
  settings: z.strictObject({
    beta: positive().default(0.1).describe('Scale of the rewards that are reported.'),
  }),
});
