import type { Range } from './partial-text.ts';

/** Code in Markdown: fenced, or between backticks in a line. */
const CODE = /```[\s\S]*?```|`[^`\n]+`/g;

/** Where code stands; "<think>" there is a text that the answer speaks of. */
export function codeSpans(text: string): Range[] {
  if (!text.includes('`')) return [];
  return [...text.matchAll(CODE)].map(({ 0: code, index }) => ({ start: index, end: index + code.length }));
}

/** A test of positions, which are asked for in rising order. */
export function within(ranges: readonly Range[]): (position: number) => boolean {
  let next = 0;
  return (position) => {
    while (next < ranges.length && ranges[next]!.end <= position) next += 1;
    return next < ranges.length && ranges[next]!.start <= position;
  };
}
