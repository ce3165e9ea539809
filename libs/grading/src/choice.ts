import { invalidArgument } from '@hone/errors';
import { judge, lineBehind, ownPart, type Choice, type Extracted, type ScoreItem, type Scorer } from './verdict.ts';

/** Where problems come without options, these labels are known. */
const DEFAULT_CHOICES: readonly Choice[] = ['A', 'B', 'C', 'D', 'E'].map((label) => ({ label, text: '' }));

interface Marker {
  readonly rule: string;
  readonly pattern: RegExp;
  /** The choice may stand on the next line. */
  readonly overLines?: true;
}

/** Markers of a stated final choice, the strictest first; of each the last that is followed by a choice counts. */
const FINAL_MARKERS: readonly Marker[] = [
  { rule: 'choice.final_answer', pattern: /final answer(?: is)?\s{0,3}:?/gi, overLines: true },
  { rule: 'choice.boxed', pattern: /\\boxed\{/g },
  { rule: 'choice.answer', pattern: /\banswer(?: is|\s{0,3}:)/gi },
];

/** Markers that may also stand in the middle of a thought: they count only where the completion ended behind it. */
const CONCLUSION_MARKERS: readonly Marker[] = [
  { rule: 'choice.conclusion', pattern: /\b(?:so|therefore|thus|hence),?/gi },
  { rule: 'choice.option', pattern: /\b(?:option|choice)\b/gi },
];

/** What may stand between a marker and its label, and the label itself. */
const LABEL = /^[\s*_"'`(\\[{]{0,8}(?:option\s|choice\s|text\{)?[(*_]{0,3}([A-Za-z]|\d)(?![\w'])/;

const normal = (text: string): string => text.trim().toLowerCase().replace(/\s+/g, ' ');
const OPENING = /^[\s*_"'`(]*/;
/** Whether a normal text begins with an option's words. */
const startsLike = (start: string, option: string): boolean => {
  const wanted = normal(option);
  return wanted !== '' && start.startsWith(wanted) && !/\w/.test(start[wanted.length] ?? '');
};

/** The label that a letter or digit means: itself, or the option at its place where labels are of the other kind. */
function labelOf(symbol: string, rest: string, choices: readonly Choice[]): string | undefined {
  // A small "a" may be an article: it is a label only where nothing goes on behind it.
  if (/[a-z]/.test(symbol) && !/^[)\]}.:*_]*\s*(?:$|\n)/.test(rest)) return undefined;
  const upper = symbol.toUpperCase();
  const direct = choices.find(({ label }) => label.toUpperCase() === upper);
  if (direct) return direct.label;
  const place = /\d/.test(upper) ? Number(upper) - 1 : upper.charCodeAt(0) - 65;
  const sameKind = choices.some(({ label }) => /\d/.test(label) === /\d/.test(upper));
  return sameKind ? undefined : choices[place]?.label;
}

/** A choice right at the start of a line: an option's own words, or a label. */
function choiceAt(line: string, offset: number, rule: string, choices: readonly Choice[]): Extracted | undefined {
  const opening = OPENING.exec(line)![0].length;
  const words = normal(line.slice(opening));
  const spelled = choices
    .filter((choice) => startsLike(words, choice.text))
    .sort((a, b) => b.text.length - a.text.length)[0];
  if (spelled) {
    const start = offset + opening;
    return {
      answer: spelled.label,
      span: { start, end: Math.min(start + spelled.text.length, offset + line.length) },
      rule,
    };
  }
  const match = LABEL.exec(line);
  const label = match && labelOf(match[1]!, line.slice(match[0].length), choices);
  if (!match || !label) return undefined;
  const end = offset + match[0].length;
  return { answer: label, span: { start: end - 1, end }, rule };
}

function statedChoice(text: string, markers: readonly Marker[], choices: readonly Choice[]): Extracted | undefined {
  for (const { rule, pattern, overLines = false } of markers) {
    for (const marker of [...text.matchAll(pattern)].reverse()) {
      const { line, offset } = lineBehind(text, marker.index + marker[0].length, overLines);
      const found = choiceAt(line, offset, rule, choices);
      if (found) return found;
    }
  }
  return undefined;
}

/** A completion that is only a choice: "B", "(B) blue whale", "**B**", "blue whale". */
function bareChoice(text: string, choices: readonly Choice[]): Extracted | undefined {
  const start = text.length - text.trimStart().length;
  const bare = text.trim();
  const spelled = choices.find(
    (choice) => normal(choice.text) !== '' && normal(choice.text) === normal(bare).replace(/\.$/, ''),
  );
  if (spelled) return { answer: spelled.label, span: { start, end: start + bare.length }, rule: 'choice.bare' };
  const labelled = /^[*_("'`[]{0,4}([A-Za-z]|\d)[*_)"'`\]]{0,4}(?:[.:)]\s?(.*)|\s(.*)|)$/s.exec(bare);
  if (!labelled) return undefined;
  const [, symbol, behindMark, behindSpace] = labelled;
  const behind = behindMark ?? behindSpace ?? '';
  const label = labelOf(symbol!, '', choices);
  const option = choices.find((choice) => choice.label === label);
  if (!label || (behind !== '' && !startsLike(normal(behind.replace(OPENING, '')), option?.text ?? '')))
    return undefined;
  const at = start + bare.indexOf(symbol!);
  return { answer: label, span: { start: at, end: at + 1 }, rule: 'choice.bare' };
}

function goldLabel({ gold }: ScoreItem, choices: readonly Choice[]): string {
  const label = choices.find((choice) => choice.label.toUpperCase() === gold.trim().toUpperCase())?.label;
  if (label) return label;
  const known = choices.map((choice) => choice.label).join(', ');
  throw invalidArgument('gold', `must be one of the labels ${known}, but is "${gold.slice(0, 80)}"`);
}

/** Multiple choice: the last stated label or option equals the gold label. */
export const choice: Scorer = {
  name: 'choice',
  version: '1',
  description:
    'Multiple choice: the letter, digit or option text behind the last "Final answer:", \\boxed, "answer is" or conclusion, ' +
    'or a completion that is nothing else, is the gold label.',
  score(item) {
    const choices = item.choices.length > 0 ? item.choices : DEFAULT_CHOICES;
    const gold = goldLabel(item, choices);
    const text = ownPart(item.completion);
    const stated = statedChoice(text, FINAL_MARKERS, choices);
    const implied = (): Extracted | undefined =>
      statedChoice(text, CONCLUSION_MARKERS, choices) ?? bareChoice(text, choices);
    return judge(stated ?? (item.truncated ? undefined : implied()), item, (answer) => answer === gold);
  },
};
