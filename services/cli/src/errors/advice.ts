/** What to type next. */

/** A flag that this command was given, to be given again: "--home FOLDER ", or nothing. */
function flagAgain(flag: string, argv: readonly string[]): string {
  const at = argv.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  if (at < 0) return '';
  const value = argv[at] === flag ? (argv[at + 1] ?? '') : argv[at]!.slice(flag.length + 1);
  return `${flag} ${/^[\w.:/-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`} `;
}

/** "runs resume r1" -> the whole command, for the home of this one. */
export const hone = (words: string, argv: readonly string[] = process.argv): string =>
  `hone ${flagAgain('--home', argv)}${flagAgain('--server', argv)}${words}`;
