/** What the last \boxed (or \fbox) of a solution holds. */
export function lastBoxed(solution: string): string | undefined {
  const start = Math.max(solution.lastIndexOf('\\boxed'), solution.lastIndexOf('\\fbox'));
  if (start < 0) return undefined;
  const rest = solution.slice(start).replace(/^\\(?:boxed|fbox)\s*/, '');
  // \boxed 5 boxes what stands up to the end of the formula.
  if (!rest.startsWith('{')) return /^[^$]+/.exec(rest)?.[0].trim();
  let depth = 0;
  for (let index = 0; index < rest.length; index++) {
    if (rest[index] === '\\') index++;
    else if (rest[index] === '{') depth++;
    else if (rest[index] === '}' && --depth === 0) return rest.slice(1, index).trim();
  }
  return undefined;
}
