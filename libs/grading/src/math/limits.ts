/** Bounds that keep every verdict cheap, whatever a model writes. */

/** Longer answers are compared as text only. */
export const MAX_ANSWER_CHARACTERS = 2000;
export const MAX_TOKENS = 1500;
/** Nested brackets, fractions and powers. */
export const MAX_DEPTH = 40;
/** Sets and lists with more items are compared in the order written: matching takes quadratic time. */
export const MAX_UNORDERED_ITEMS = 48;
/** Exact numbers with more bits are not computed. */
export const MAX_BITS = 6000;
export const MAX_FACTORIAL = 500;
export const MAX_MATRIX_SIDE = 12;

/** How much work one verdict may take, in visited nodes. */
export const MAX_STEPS = 100_000;

/** Thrown inside of this folder only: the text is no maths that is understood, so it is compared as text. */
export class Unreadable extends Error {}

/** Counts the work of one verdict; comparisons that would take more end as "not equal". */
export class Steps {
  taken = 0;

  get exhausted(): boolean {
    return this.taken > MAX_STEPS;
  }

  /** False where the bound is reached. */
  take(count = 1): boolean {
    this.taken += count;
    return this.taken <= MAX_STEPS;
  }
}
