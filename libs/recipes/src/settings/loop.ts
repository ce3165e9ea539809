/** Keys of every recipe that iterates, and of those that train once. */
import { LIMITS } from '@hone/limits';
import { curriculumKeys } from './curriculum.ts';
import { evaluation } from './evaluation.ts';
import { whole } from './numbers.ts';
import { sampleKeys } from './sampling.ts';
import { select } from './select.ts';
import { warmUp } from './warm-up.ts';

/** Keys of every recipe: how M_0 is made, and how models are measured. */
export const modelKeys = {
  warm_up: warmUp.default([]).describe('Stages of fine-tuning that make M_0 from the base; may be empty.'),
  evaluation: evaluation.prefault({}).describe('What is measured of every checkpoint on the test problems.'),
  select: select.optional().describe('How the best checkpoint is chosen on the validation problems; absent means not.'),
};

/** Keys of a recipe that samples from M_0, and trains once. */
export const onceKeys = { ...modelKeys, ...sampleKeys };

export const loopKeys = {
  iterations: whole(1, LIMITS.iterations).default(1).describe("Iterations after M_0. The paper's are 3 or 4."),
  ...onceKeys,
};

/** Keys of a recipe that iterates, and has its samples judged. */
export const judgedLoopKeys = { ...loopKeys, ...curriculumKeys };
