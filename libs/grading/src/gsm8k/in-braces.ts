/** What stands before the brace that closes the one before `line`; all of it where none does. */
export function inBraces(line: string): string {
  let depth = 1;
  for (let index = 0; index < line.length; index += 1) {
    if (line[index] === '{') depth += 1;
    else if (line[index] === '}') depth -= 1;
    if (depth === 0) return line.slice(0, index);
  }
  return line;
}
