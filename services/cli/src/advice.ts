/** What to type next. */

/** The `--home` that this command was given, to be given again: "--home FOLDER ", or nothing. */
function homeFlag(argv: readonly string[]): string {
  const at = argv.findIndex((word) => word === '--home' || word.startsWith('--home='));
  if (at < 0) return '';
  const folder = argv[at] === '--home' ? (argv[at + 1] ?? '') : argv[at]!.slice('--home='.length);
  return `--home ${/^[\w./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", String.raw`'\''`)}'`} `;
}

/** "runs resume r1" -> the whole command, for the home of this one. */
export const hone = (words: string, argv: readonly string[] = process.argv): string => `hone ${homeFlag(argv)}${words}`;
