import type { Range } from './partial-text.ts';

/** What of a completion is thought. */
export interface Thoughts {
  /** In their order, tags included. */
  readonly ranges: readonly Range[];
  /** A thought that does not end: where it begins, and the tag that opens it. */
  readonly open?: { readonly start: number; readonly tag: string };
}
