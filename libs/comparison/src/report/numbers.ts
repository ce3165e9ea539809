/** Figures as people read them. */
import type { Spread } from '../spread.ts';

export const points = (share: number): string => (100 * share).toFixed(1);
export const signedPoints = (share: number): string => `${share < 0 ? '-' : '+'}${points(Math.abs(share))}`;

/** "48.3 ± 2.1". */
export const spreadText = ({ mean, sd, count }: Spread): string =>
  count < 2 ? points(mean) : `${points(mean)} ± ${points(sd)}`;

/** "1.2 M". */
export const thousands = (tokens: number): string =>
  tokens < 1e6 ? `${(tokens / 1e3).toFixed(tokens < 1e4 ? 1 : 0)} k` : `${(tokens / 1e6).toFixed(2)} M`;

export const pText = (pValue: number): string => (pValue < 1e-4 ? '< 0.0001' : pValue.toPrecision(2));
