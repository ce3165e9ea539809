/** Problems within a completion: its own one, written down again, or a next one that the model makes up. */
import type { PartialText, Range } from './partial-text.ts';

/** How an answer that a scorer finds in a text was given there. */
export type Given = 'stated' | 'implied' | undefined;

/** What decides whose problem is written down. */
export interface ProblemContext {
  /** The problem as it was put to the model; may be empty. */
  readonly prompt: string;
  /** Whether a text gives an answer, as the scorer at hand reads it. */
  readonly given: (text: string) => Given;
}

const START = String.raw`(?:^|\n)[#>*_\- \t]{0,16}`;
const NAME = String.raw`(?:(?:the|a|next|new|another|original|given|restated|following|similar)\s{1,2})*(?<name>problem|question|exercise|task|q|example|instruction|input)(?:\s?(?:statement|\#?(?<number>\d{1,3})))?`;
/** "Question:", "### Problem", "**Q2.**", "Human:". */
const HEADING = new RegExp(
  String.raw`${START}(?:${NAME}(?:[*_]{0,3}\s?[:.：][*_]{0,3}|(?<=(?:^|\n)[ \t]{0,4}[#*][^\n]{0,60})[*_]{0,3}(?=\s*\n))|(?<speaker>human|user|student|customer)[*_]{0,3}:)`,
  'gi',
);
const SOLUTION = new RegExp(
  String.raw`${START}(?:(?:final|the|my)\s)?(?:solution|answer|explanation|reasoning|response|a(?=:)|step\s1|let['’]s|calculation)\b`,
  'i',
);
const MAX_HEADINGS = 64;

/** Words before a problem that is written down again: "Let me restate it." */
const PREAMBLE =
  /\b(?:problem|question|restat\w*|rewrit\w*|repeat\w*|write\b[^.\n]{0,30}\bdown|again|read|solve|understand|consider|let(?:['’]s|\sus|\sme)|given|here|below|following|first|sure|okay|ok|alright|certainly|hi|hello|great|thanks?)\b|:\s*$/i;

interface Heading extends Range {
  readonly speaks: boolean;
  /** One of several, which may be parts of the problem at hand. */
  readonly isNumbered: boolean;
}

function headingsIn(text: string): Heading[] {
  const headings: Heading[] = [];
  for (const match of text.matchAll(HEADING)) {
    const { speaker, number, name } = match.groups as Readonly<Record<string, string | undefined>>;
    const isNumbered = number !== undefined || /^(?:example|instruction|input|task)$/i.test(name ?? '');
    headings.push({
      start: match.index,
      end: match.index + match[0].length,
      speaks: speaker !== undefined,
      isNumbered,
    });
    if (headings.length === MAX_HEADINGS) break;
  }
  return headings;
}

/** The text without problems that are written down again, up to a next one; `cut` says whether there is one. */
export function ownProblem(
  whole: PartialText,
  context: ProblemContext,
): { readonly rest: PartialText; readonly cut: boolean } {
  const { text } = whole;
  const restated: Heading[] = [];
  for (const heading of headingsIn(text)) {
    if (isNext(text, heading, restated, context))
      return { rest: without(whole.upTo(heading.start), restated), cut: true };
    restated.push(heading);
  }
  return { rest: without(whole, restated), cut: false };
}

function isNext(
  text: string,
  heading: Heading,
  restated: readonly Heading[],
  { prompt, given }: ProblemContext,
): boolean {
  const before = text.slice(0, heading.start);
  if (before.trim() === '') return false;
  if (heading.speaks) return true;
  if (repeats(prompt, text.slice(heading.end, heading.end + 400))) return false;
  const how = given(before);
  if (how !== 'implied') return how === 'stated';
  if (heading.isNumbered) return isBare(before);
  const last = restated.at(-1);
  if (last) return SOLUTION.test(text.slice(last.end, heading.start));
  return !PREAMBLE.test(lastLine(before)) || lastLine(before).includes('=');
}

/** A text that is nothing but an answer, rather than the first part of one. */
const isBare = (text: string): boolean =>
  text.trim().length <= 30 && !text.trim().includes('\n') && !PREAMBLE.test(text);

const lastLine = (text: string): string => text.slice(-400).trimEnd().split('\n').at(-1)!;

const squeezed = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[\s*_#>]+/g, ' ')
    .trim();

/** Whether a problem is the one that the model was given. */
function repeats(prompt: string, problem: string): boolean {
  const start = squeezed(problem.trimStart().split('\n', 1)[0]!).slice(0, 60);
  return start.length >= 12 && prompt !== '' && squeezed(prompt).includes(start);
}

/** Takes out each problem from its heading to its question mark, or to the heading of its solution. */
function without(whole: PartialText, headings: readonly Heading[]): PartialText {
  const ranges: Range[] = [];
  for (const [index, heading] of headings.entries()) {
    const limit = headings[index + 1]?.start ?? whole.text.length;
    const block = whole.text.slice(heading.end, limit);
    const paragraph = /^\s*\S[\s\S]*?(?=\n\s*\n|$)/.exec(block)?.[0] ?? '';
    const question = paragraph.indexOf('?') + 1;
    const solution = SOLUTION.exec(block)?.index;
    const first = Math.min(question || Infinity, solution ?? Infinity);
    const length = Number.isFinite(first) ? first : 0;
    ranges.push({ start: heading.start, end: heading.end + length });
  }
  return whole.without(ranges);
}
