/** Settings that several losses have. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';

/** Above 0. */
export const positive = () => z.number().gt(0).max(LIMITS.coefficient);

/** Strength of the reference. */
export const beta = () =>
  positive().default(0.1).describe("Strength of the reference in the loss. The IRPO paper's is 0.1.");

/** Share of labels that may be wrong. */
export const labelSmoothing = () =>
  z.number().min(0).lt(0.5).default(0).describe('Share of pairs whose label is held to be flipped.');
