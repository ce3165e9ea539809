/** Decimals that repeat without end, in all ways of writing them: 0.\overline{6}. */

/** `0.\dot{6}`, `0.\dot1 4285\dot7`, `0.\bar3`, `0.1\overline 6` */
const MARKED =
  /(\d*\.\d*)\s*\\(dot|bar|overline|overset\s*\{\s*(?:\.|\\cdot|\\bullet)\s*\})\s*(?:\{\s*(\d+)\s*\}|(\d))((?:\s*\d*\s*\\dot\s*(?:\{\s*\d\s*\}|\d))?)/g;
/** `0.1(6)` as the whole answer */
const BRACKETED = /^([-+]?\d*\.\d*)\((\d+)\)$/;
/** `0.666\ldots`, `0.1666...` */
const OPEN_ENDED = /(\d*\.)(\d+)\s*\\(?:ldots|dots|cdots|dotsc)(?![a-zA-Z])/g;

/** An answer with all such decimals written with a line over the digits that repeat. */
export function withRepeatingDecimals(text: string): string {
  if (!text.includes('.')) return text;
  return text
    .replace(/(?<!\d)\.(?=\s*\\(?:overline|bar|dot))/g, '0.')
    .replace(BRACKETED, '$1\\overline{$2}')
    .replace(MARKED, (_, start: string, _mark, group = '', digit = '', rest: string) => {
      return `${start}\\overline{${group}${digit}${rest.replace(/\\dot|[{}\s]/g, '')}}`;
    })
    .replace(OPEN_ENDED, (whole, start: string, decimals: string) => {
      const period = periodOf(decimals);
      return period === undefined ? whole : `${start}${decimals}\\overline{${period}}`;
    });
}

/** The digits at the end that stand there at least twice in a row, three times if it is one digit; a whole number of times. */
function periodOf(decimals: string): string | undefined {
  for (let length = 1; length <= decimals.length / 2; length += 1) {
    const period = decimals.slice(-length);
    const times = length === 1 && decimals.length > 2 ? 3 : 2;
    if (decimals.endsWith(period.repeat(times))) return period;
  }
  return undefined;
}
