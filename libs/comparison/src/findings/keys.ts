/** Keys that several kinds of findings have. */
import { z } from 'zod';

export const method = z.string().min(1).describe('A method of the comparison.');

const place = z.union([z.number().int().min(0), z.literal('end')], {
  error: 'must be the number of an iteration, or end',
});

export const at = place.default('end').describe('After how many iterations; end means the last that each run has.');

export const otherAt = place.optional().describe('The same of the other method; absent means as at.');
