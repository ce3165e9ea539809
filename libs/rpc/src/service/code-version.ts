/** The version of the code that runs; the build fills it in. */
export function codeVersion(): string {
  return process.env['HONE_VERSION'] ?? 'unbuilt';
}
