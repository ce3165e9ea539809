/** JSON whose numbers keep their digits. */

/** A text, so that nothing in it is taken for a number; or a number. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
/** Numbers of fewer digits are always kept by a double. */
const SAFE_DIGITS = 15;
const MAYBE_LONG = /\d[\d.]{15}|\d[eE][-+]?\d{2}/;

/**
 * JSON.parse, but a number that a double would change ("98765432109876543210") becomes a text of its digits: an answer stays the
 * answer that somebody wrote, and where no text is allowed, it is refused by name. Throws as JSON.parse does.
 */
export function parseExactJson(text: string): unknown {
  if (!MAYBE_LONG.test(text)) return JSON.parse(text);
  // Only sound JSON has its numbers where they are looked for.
  JSON.parse(text);
  return JSON.parse(text.replace(TOKEN, (token) => (token.startsWith('"') || isKept(token) ? token : `"${token}"`)));
}

function isKept(token: string): boolean {
  const [digits, exponent] = decimalOf(token);
  if (digits.length <= SAFE_DIGITS && Math.abs(exponent) < 300) return true;
  const value = Number(token);
  if (!Number.isFinite(value)) return false;
  const [keptDigits, keptExponent] = decimalOf(String(value));
  return digits === keptDigits && (digits === '' || exponent === keptExponent);
}

/** The digits of a number without zeros around them, and the power of ten of the last one. */
function decimalOf(token: string): readonly [digits: string, exponent: number] {
  const [, whole = '', decimals = '', written = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(token)!;
  const all = (whole + decimals).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return [digits, Number(written) - decimals.length + all.length - digits.length];
}
