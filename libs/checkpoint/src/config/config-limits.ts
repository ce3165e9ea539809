/**
 * The largest sizes that a config.json may state. They are far above any published model's; a file that states more is damaged or
 * hostile, and would have memory taken before its weights were looked at.
 */
export const LIMITS = {
  layers: 2 ** 10,
  heads: 2 ** 12,
  /** Of hidden and intermediate vectors. */
  width: 2 ** 20,
  headDim: 2 ** 14,
  vocabulary: 2 ** 24,
  positions: 2 ** 28,
} as const;
