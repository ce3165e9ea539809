import { defineScorer, exactly, type Found, type FoundAnswer } from '../method.ts';

const normal = (text: string): string => text.trim().replace(/\s+/g, ' ').replace(/\.$/, '');

const MARKER = /final\s{1,3}answer(?:\s{1,3}is)?\s{0,3}[:：]?|####|<answer>/gi;
/** White space, and emphasis that ends or begins around it: "**Final answer:** **Paris**". */
const BEHIND = /^\s*(?:(?:\*\*|__)\s*){0,2}[:：]?\s*(?:\*\*|__)?\s*/;

/** "I don't know": a completion that is nothing else answers nothing. */
const REFUSAL =
  /^\W*(?:sorry|(?:sorry\W+)?i(?:['’]m| am)? (?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t|not sure|unsure|unable)\b[^.!?\n]*|(?:there is )?no answer|none given|\[?(?:invalid|no answer|n\/a)\]?)\W*$/i;

/** What stands behind the last marker, up to the end of its line; undefined without a marker. */
function finalAnswer(text: string): Found {
  const marker = [...text.matchAll(MARKER)].at(-1);
  if (!marker) return undefined;
  const end = marker.index + marker[0].length;
  const offset = end + BEHIND.exec(text.slice(end))![0].length;
  const line = text
    .slice(offset)
    .split('\n', 1)[0]!
    .replace(/<\/answer>.*$/i, '');
  const isOpen = (line.match(/\*\*|__/g)?.length ?? 0) % 2 === 1;
  const answer = isOpen ? line.replace(/(?:\*\*|__)(\W*)$/, '$1') : line;
  return (
    answerIn(answer, offset, 'exact.final_answer') ?? { reason: 'nothing stands behind the marker of the final answer' }
  );
}

function answerIn(text: string, offset: number, rule: string): FoundAnswer | undefined {
  const answer = normal(text);
  const start = offset + text.length - text.trimStart().length;
  // Punctuation alone answers nothing.
  if (!/[\p{L}\p{N}\p{S}]/u.test(answer)) return undefined;
  return { answer, span: { start, end: offset + text.trimEnd().length }, rule };
}

/** A completion that is nothing but an answer. One of several lines is a way to an answer, unless the gold answer has lines too. */
function wholeAnswer(text: string, gold: string): FoundAnswer | undefined {
  const isOne = !text.trim().includes('\n') || gold.trim().includes('\n');
  const isRefusal = text.length < 400 && REFUSAL.test(text) && normal(text) !== normal(gold);
  return isOne && !isRefusal ? answerIn(text, 0, 'exact.whole') : undefined;
}

/** Plain text: the stated final answer, or the whole completion, is the gold text but for white space and a final stop. */
export const exact = defineScorer({
  name: 'exact',
  version: '2',
  description:
    'Text equality, white space folded: the line behind the last "Final answer:", "####" or <answer>, else the whole completion.',
  target: ({ gold }) => exactly(normal(gold)),
  find: (text, isWhole, { gold }) => finalAnswer(text) ?? (isWhole ? wholeAnswer(text, gold) : undefined),
});
