/** The group that opens at or behind white space from `at`, and where it ends; undefined where none does. */
export function balancedGroup(
  text: string,
  at: number,
): { readonly content: string; readonly end: number } | undefined {
  let start = at;
  while (text[start] === ' ' || text[start] === '\n') start += 1;
  if (text[start] !== '{') return undefined;
  let depth = 0;
  for (let end = start; end < text.length; end += 1) {
    if (text[end] === '\\') end += 1;
    else if (text[end] === '{') depth += 1;
    else if (text[end] === '}' && (depth -= 1) === 0) return { content: text.slice(start + 1, end), end: end + 1 };
  }
  return undefined;
}
