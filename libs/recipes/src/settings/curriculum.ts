/** What becomes of problems that earlier iterations always or never solved: they teach little, and cost as much as others. */
import type { FieldViolation } from '@hone/errors';
import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { whole } from './numbers.ts';

/** How problems of one kind are drawn. */
const treatment = z.strictObject({
  weight: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe(
      'Weight in the draw of problems_per_iteration, or, where all problems are taken, the share of these that is; 1 is as others, 0 skips them.',
    ),
  samples_per_problem: whole(1, LIMITS.samplesPerProblem)
    .optional()
    .describe('In place of samples_per_problem, for these; absent means as many as others.'),
});
export type Treatment = z.output<typeof treatment>;

export const curriculum = z.strictObject({
  looks: whole(1, LIMITS.iterations)
    .default(1)
    .describe('So many latest iterations that sampled a problem must agree that it was always, or never, solved.'),
  within: whole(0, LIMITS.iterations)
    .default(0)
    .describe('Only so many latest iterations count, so that what was skipped comes back behind them; 0 means all.'),
  always_solved: treatment.prefault({}).describe('Problems of which every judged sample was right.'),
  never_solved: treatment.prefault({}).describe('Problems of which none was.'),
  most_completions: whole(0, LIMITS.completions)
    .default(0)
    .describe('Problems are drawn until their samples would be more than this; 0 means no limit.'),
});
export type CurriculumSettings = z.output<typeof curriculum>;

/** Keys of recipes that draw problems in several iterations and have their samples judged. */
export const curriculumKeys = {
  curriculum: curriculum
    .optional()
    .describe('How problems are drawn that earlier iterations always or never solved; absent means as all others.'),
};

/** A window that has no room for the looks that are asked for would never say that a problem is always or never solved. */
export function checkCurriculum(settings: CurriculumSettings | undefined): FieldViolation[] {
  if (!settings || settings.within === 0 || settings.within >= settings.looks) return [];
  const description = `must be 0 or at least looks (${settings.looks}), but is ${settings.within}`;
  return [{ field: 'curriculum.within', description }];
}
