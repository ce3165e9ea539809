/** How weights stand in the matrix products of sampling: as they are, or rounded to 8 bits. */
export type WeightPrecision = 'fp32' | 'int8';
