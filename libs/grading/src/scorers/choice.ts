import { excerpt, invalidArgument } from '@hone/errors';
import { inBraces } from '../gsm8k/in-braces.ts';
import { lastMatches, lineBehind } from '../gsm8k/lines.ts';
import { defineScorer, exactly, type Found } from '../method.ts';
import type { Choice, ScoreItem } from '../verdict.ts';
import { firstChoice, labelAtEnd, lastLine, namedAtEnd, withoutList } from '../choice/implied.ts';
import {
  CONCLUSION_MARKERS,
  CORRECTION,
  FINAL_MARKERS,
  STATED_MARKERS,
  SUBJECT,
  SUPPOSED,
  takesBack,
  WRONG,
  type Marker,
} from '../choice/markers.ts';
import { Options } from '../choice/options.ts';
import { readStatement, type Stated } from '../choice/statement.ts';

/** Where problems come without options, these labels are known. */
const DEFAULT_CHOICES: readonly Choice[] = ['A', 'B', 'C', 'D', 'E'].map((label) => ({ label, text: '' }));

const SEVERAL = { reason: 'the completion states several options, or one that it denies' };

/** How far behind a choice it may be taken back. */
const FOLLOWING = 2000;

/** What a completion says of its options. */
class Reading {
  /** Labels that a later statement denies. */
  private readonly denied = new Set<string>();

  constructor(
    private readonly text: string,
    private readonly options: Options,
  ) {}

  /** Of each kind of marker the last that is followed by a choice. */
  stated(markers: readonly Marker[]): Found {
    for (const { rule, pattern, overLines = false, isBox = false } of markers)
      for (const marker of lastMatches(this.text, pattern)) {
        const before = this.text.slice(Math.max(0, marker.index - 40), marker.index);
        if (SUPPOSED.test(before) || WRONG.test(before)) continue;
        const end = marker.index + marker[0].length;
        const { line, offset } = lineBehind(this.text, end, overLines);
        const found = this.accept(readStatement(isBox ? inBraces(line) : line, this.options), offset, rule);
        if (found) return found;
      }
    return undefined;
  }

  /** The last option that is called right: "(B) is correct". */
  subject(): Found {
    for (const match of lastMatches(this.text, SUBJECT)) {
      if (SUPPOSED.test(this.text.slice(Math.max(0, match.index - 40), match.index))) continue;
      // "the charge of 3 is correct"
      const isBareDigit = /^[\d*]/.test(match[0]) && !this.options.areDigits;
      const answer = isBareDigit ? undefined : this.options.labelOf(match[1]!);
      const start = match.index + match[0].indexOf(match[1]!);
      if (answer && !this.denied.has(answer))
        return { answer, span: { start, end: start + 1 }, rule: 'choice.subject' };
    }
    return undefined;
  }

  private accept(stated: Stated, offset: number, rule: string): Found {
    if (!stated) return undefined;
    if (stated.kind === 'several') return SEVERAL;
    if (stated.kind === 'denied') {
      for (const label of stated.labels) this.denied.add(label);
      return undefined;
    }
    // "The answer is B. No, it is not B."
    const behind = this.text.slice(offset + stated.end, offset + stated.end + FOLLOWING);
    if (/^[*_)"\].]{0,3}\?/.test(behind)) return undefined;
    if (this.denied.has(stated.label) || takesBack(stated.label).test(behind)) return SEVERAL;
    if (this.corrects(behind, stated.label)) return SEVERAL;
    return { answer: stated.label, span: { start: offset + stated.start, end: offset + stated.end }, rule };
  }

  private corrects(behind: string, label: string): boolean {
    return [...behind.matchAll(CORRECTION)].some((match) => {
      const other = this.options.labelOf(match[1]!.replace(/[([]/, ''));
      return other !== undefined && other !== label;
    });
  }

  implied(): Found {
    const { text, options } = this;
    const found =
      this.subject() ??
      this.stated(CONCLUSION_MARKERS) ??
      firstChoice(text, options) ??
      namedAtEnd(text, options) ??
      labelAtEnd(text, options);
    return isDenied(found, this.denied) ? SEVERAL : found;
  }
}

const isDenied = (found: Found, denied: ReadonlySet<string>): boolean =>
  found !== undefined && 'answer' in found && denied.has(found.answer);

/** Of a whole text also what it implies. */
function find(original: string, isWhole: boolean, { choices }: ScoreItem): Found {
  const options = new Options(choices.length > 0 ? choices : DEFAULT_CHOICES);
  const text = withoutList(original, options);
  const reading = new Reading(text, options);
  const final = reading.stated(FINAL_MARKERS);
  if (final) return final;
  const last = isWhole ? lastLine(text, options) : undefined;
  if (last === 'several') return SEVERAL;
  return last ?? reading.stated(STATED_MARKERS) ?? (isWhole ? reading.implied() : undefined);
}

function goldLabel({ gold, choices }: ScoreItem): string {
  const known = choices.length > 0 ? choices : DEFAULT_CHOICES;
  const label = known.find((choice) => choice.label.toUpperCase() === gold.trim().toUpperCase())?.label;
  if (label) return label;
  const labels = known.map((choice) => choice.label).join(', ');
  throw invalidArgument('gold', `must be one of the labels ${labels}, but is "${excerpt(gold, 80)}"`);
}

/** Multiple choice: the last stated label or option equals the gold label. */
export const choice = defineScorer({
  name: 'choice',
  version: '4',
  description:
    'Multiple choice: the letter, digit or option text behind the last "Final answer:", \\boxed, "answer is" or conclusion, ' +
    'alone on the last line, or the one option its last sentence names, is the gold label.',
  target: (item) => exactly(goldLabel(item)),
  find,
});
