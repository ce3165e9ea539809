/** Texts that come from anywhere, made fit to be sent, stored and shown. */

/** With the `u` flag a surrogate matches only where it is not half of a pair. */
const LONE_SURROGATES = /\p{Surrogate}/gu;
/** Controls other than tab and line feed: they would move a terminal's cursor, and PostgreSQL holds no NUL. */
// eslint-disable-next-line no-control-regex -- that is what it looks for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const REPLACEMENT = '\ufffd';

/** The text as valid Unicode: half of a surrogate pair, which no encoder takes, becomes U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATES, REPLACEMENT);
}

/** The text as valid Unicode, without control characters but tab and line feed. */
export function printable(text: string): string {
  return wellFormed(text).replace(CONTROLS, REPLACEMENT);
}

/** The beginning of a text, at most `maxChars` UTF-16 code units with the sign that says where it was cut. */
export function excerpt(text: string, maxChars: number): string {
  if (text.length <= maxChars) return printable(text);
  // One code unit less where the cut would leave half of a pair.
  const cut = text.slice(0, maxChars - 1).replace(/[\ud800-\udbff]$/, '');
  return `${printable(cut)}…`;
}
