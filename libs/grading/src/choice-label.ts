/** Reading one choice of a multiple-choice problem at the start of a text. */
import type { Choice, Extracted } from './verdict.ts';

/** An answer that names several options states none. */
export const AMBIGUOUS = 'ambiguous';
export type FoundChoice = Extracted | typeof AMBIGUOUS | undefined;

const OPENING = /^[\s*_"'`($[{<]{0,12}/;
const LATEX_TEXT = String.raw`\\(?:text|textbf|textit|mathrm|mathbf|mathsf)\s?\{`;
/** What may stand before a label, and the label itself. */
const LABEL = new RegExp(
  String.raw`^[\s*_"'${'`'}($\\[{]{0,8}(?:(?:option|choice|letter|answer)\s{1,3}|${LATEX_TEXT})?[(*_$"]{0,3}([A-Za-z]|\d)(?![\w'])`,
  'i',
);
const ARTICLE = /^(?:an?|the) /;
const ORDINAL = /^(?:the )?(first|second|third|fourth|fifth) (?:option|choice|answer|one)\b/;
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];
/** "B or (C)". */
const ANOTHER =
  /^[\s)\]}*_"'.$,]{0,6}(?:or|and|&|\/)\s{0,3}(?:option\s{1,3}|choice\s{1,3})?[("*$]{0,3}([A-Za-z]|\d)(?![\w'])/;

export const normal = (text: string): string => text.trim().toLowerCase().replace(/\s+/g, ' ');

/** Whether a normal text begins with an option's words. */
export function startsLike(start: string, option: string): boolean {
  const wanted = normal(option).replace(/\.$/, '');
  return wanted !== '' && start.startsWith(wanted) && !/\w/.test(start[wanted.length] ?? '');
}

/** The label that a letter or digit means: itself, or the option at its place where labels are of the other kind. */
export function labelOf(symbol: string, rest: string, choices: readonly Choice[]): string | undefined {
  // A small "a" may be an article: it is a label only where nothing goes on behind it.
  if (/[a-z]/.test(symbol) && !/^[)\]}.:*_$"]*\s*(?:$|\n)/.test(rest)) return undefined;
  const upper = symbol.toUpperCase();
  const direct = choices.find(({ label }) => label.toUpperCase() === upper);
  if (direct) return direct.label;
  const place = /\d/.test(upper) ? Number(upper) - 1 : upper.charCodeAt(0) - 65;
  const sameKind = choices.some(({ label }) => /\d/.test(label) === /\d/.test(upper));
  return sameKind ? undefined : choices[place]?.label;
}

/** The option whose words a text begins with, an article aside; of several the longest. */
function spelledOption(text: string, choices: readonly Choice[]): Choice | undefined {
  const words = normal(text);
  const bare = words.replace(ARTICLE, '');
  return choices
    .filter((choice) => [words, bare].some((start) => startsLike(start, choice.text)))
    .sort((left, right) => right.text.length - left.text.length)[0];
}

/** A choice right at the start of a line: an option's own words, its place, or a label. */
export function choiceAt(line: string, offset: number, rule: string, choices: readonly Choice[]): FoundChoice {
  const opening = OPENING.exec(line)![0].length;
  const spelled = spelledOption(line.slice(opening), choices);
  if (spelled) {
    const end = Math.min(offset + opening + spelled.text.length, offset + line.length);
    return { answer: spelled.label, span: { start: offset + opening, end }, rule };
  }
  const ordinal = ORDINAL.exec(normal(line.slice(opening)));
  const placed = ordinal && choices[ORDINALS.indexOf(ordinal[1]!)];
  if (placed) return { answer: placed.label, span: { start: offset + opening, end: offset + line.length }, rule };
  return labelAt(line, offset, rule, choices);
}

function labelAt(line: string, offset: number, rule: string, choices: readonly Choice[]): FoundChoice {
  const match = LABEL.exec(line);
  const rest = match ? line.slice(match[0].length) : '';
  const label = match && labelOf(match[1]!, rest, choices);
  if (!match || !label) return undefined;
  const another = ANOTHER.exec(rest);
  const other = another && labelOf(another[1]!, rest.slice(another[0].length), choices);
  if (other && other !== label) return AMBIGUOUS;
  const end = offset + match[0].length;
  return { answer: label, span: { start: end - 1, end }, rule };
}
