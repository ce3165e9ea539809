/** Keys of every recipe that iterates. */
import { LIMITS } from '@hone/limits';
import { evaluation } from './evaluation.ts';
import { whole } from './numbers.ts';
import { sampleKeys } from './sampling.ts';
import { select } from './select.ts';
import { warmUp } from './warm-up.ts';

export const loopKeys = {
  iterations: whole(1, LIMITS.iterations).default(1).describe("Iterations after M_0. The paper's are 3 or 4."),
  warm_up: warmUp.default([]).describe('Stages of fine-tuning that make M_0 from the base; may be empty.'),
  ...sampleKeys,
  evaluation: evaluation.prefault({}).describe('What is measured of every checkpoint on the test problems.'),
  select: select.optional().describe('How the best checkpoint is chosen on the validation problems; absent means not.'),
};
