import { excerpt, invalidArgument } from '@hone/errors';
import { bareChoice, namedAtEnd, subjectChoice } from './choice-implied.ts';
import { AMBIGUOUS, choiceAt, type FoundChoice } from './choice-label.ts';
import { exactly, judge, lineBehind, ownPart, type Choice, type ScoreItem, type Scorer } from './verdict.ts';

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
  {
    rule: 'choice.final_answer',
    pattern: /final\s{1,3}answer(?:\s{1,3}is)?\s{0,3}:?|####|<answer>/gi,
    overLines: true,
  },
  { rule: 'choice.boxed', pattern: /\\boxed\s?\{/g },
  {
    rule: 'choice.answer',
    pattern:
      /\b(?:answer|option|choice)(?:\s{1,3}(?:is|was|(?:must|should|would)\s{1,3}be)(?:\s{1,3}(?:therefore|thus))?\b:?|\s{0,3}[:=]|\s-\s)/gi,
    overLines: true,
  },
];

/** Markers that may also stand in the middle of a thought: they count only where the completion ended behind it. */
const CONCLUSION_MARKERS: readonly Marker[] = [
  { rule: 'choice.conclusion', pattern: /\b(?:so|therefore|thus|hence),?|\b(?:choose|pick|select|go\s{1,3}with)\b/gi },
  { rule: 'choice.option', pattern: /\b(?:option|choice)\b/gi },
];

function statedChoice(text: string, markers: readonly Marker[], choices: readonly Choice[]): FoundChoice {
  for (const { rule, pattern, overLines = false } of markers) {
    for (const marker of [...text.matchAll(pattern)].reverse()) {
      const { line, offset } = lineBehind(text, marker.index + marker[0].length, overLines);
      const found = choiceAt(line, offset, rule, choices);
      if (found) return found;
    }
  }
  return undefined;
}

/** Of a finished completion also what it implies. */
function findChoice(text: string, truncated: boolean, choices: readonly Choice[]): FoundChoice {
  const stated = statedChoice(text, FINAL_MARKERS, choices);
  if (stated || truncated) return stated;
  return (
    subjectChoice(text, choices) ??
    statedChoice(text, CONCLUSION_MARKERS, choices) ??
    bareChoice(text, choices) ??
    namedAtEnd(text, choices)
  );
}

function goldLabel({ gold }: ScoreItem, choices: readonly Choice[]): string {
  const label = choices.find((choice) => choice.label.toUpperCase() === gold.trim().toUpperCase())?.label;
  if (label) return label;
  const known = choices.map((choice) => choice.label).join(', ');
  throw invalidArgument('gold', `must be one of the labels ${known}, but is "${excerpt(gold, 80)}"`);
}

/** Multiple choice: the last stated label or option equals the gold label. */
export const choice: Scorer = {
  name: 'choice',
  version: '2',
  description:
    'Multiple choice: the letter, digit or option text behind the last "Final answer:", \\boxed, "answer is" or conclusion, ' +
    'or a completion that is nothing else, or the one option its last sentence names, is the gold label.',
  score(item) {
    const choices = item.choices.length > 0 ? item.choices : DEFAULT_CHOICES;
    const gold = goldLabel(item, choices);
    const found = findChoice(ownPart(item.completion), item.truncated, choices);
    return judge(found === AMBIGUOUS ? undefined : found, item, exactly(gold));
  },
};
