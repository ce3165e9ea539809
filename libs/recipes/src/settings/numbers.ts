/** Kinds of numbers in settings; all bounds stand in one table. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';

/** A whole number from `least` to `most`. */
export const whole = (least: number, most: number) => z.number().int().min(least).max(most);

/** A weight or norm: from 0 to what no one exceeds. */
export const coefficient = () => z.number().min(0).max(LIMITS.coefficient);

/** Above 0, up to `most`. */
export const positive = (most: number) => z.number().gt(0).max(most);
