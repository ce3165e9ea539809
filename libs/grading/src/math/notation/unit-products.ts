/** Products of units in whatever way they are set: `\mathrm{m\,s^{-1}}`, `\text{m}\cdot\text{s}^{-1}`. */
import { isUnit } from './units.ts';

const POWER = String.raw`(?:\s*\^\s*(?:\{\s*-?\s*\d\s*\}|-?\d))?`;
const UNIT = String.raw`[a-zA-Z]{1,6}${POWER}`;
const JOINT = String.raw`(?:\s*(?:\\[,;:! ]|\\cdot(?![a-z])|~|\*)\s*|\s+)`;
const GROUP = String.raw`\\(?:text|mathrm)\s*\{\s*${UNIT}(?:${JOINT}${UNIT}){0,4}\s*\}${POWER}`;
const RUN = new RegExp(String.raw`(?<=[\d})]\s*(?:\\[,;:! ]\s*|~\s*)?)${GROUP}(?:${JOINT}?${GROUP}){0,4}`, 'g');

/** The answer with each product of known units as one text: `\text{ m s^-1}`. */
export function withUnitProducts(text: string): string {
  if (!text.includes('\\text') && !text.includes('\\mathrm')) return text;
  return text.replace(RUN, (run) => {
    const units = run
      .replace(/\\(?:text|mathrm)(?![a-z])|\\cdot|\\[,;:! ]|[~*]/g, ' ')
      .replace(/[{}]/g, '')
      .replace(/\s*\^\s*(-?)\s*/g, '^$1')
      .trim()
      .split(/\s+/);
    const isProduct = units.length > 1 || units[0]!.includes('^-');
    return isProduct && units.every((unit) => isUnit(unit.split('^', 1)[0]!)) ? `\\text{ ${units.join(' ')}}` : run;
  });
}
