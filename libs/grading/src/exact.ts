import { exactly, judge, ownPart, type Extracted, type Scorer } from './verdict.ts';

const normal = (text: string): string => text.trim().replace(/\s+/g, ' ').replace(/\.$/, '');

function finalAnswer(text: string): Extracted | undefined {
  const marker = [...text.matchAll(/final\s{1,3}answer(?:\s{1,3}is)?\s{0,3}:?|####/gi)].at(-1);
  if (!marker) return undefined;
  const from = marker.index + marker[0].length;
  const line = text.slice(from).split('\n', 1)[0]!;
  const start = from + line.length - line.trimStart().length;
  const answer = normal(line);
  return answer === ''
    ? undefined
    : { answer, span: { start, end: from + line.trimEnd().length }, rule: 'exact.final_answer' };
}

function whole(text: string): Extracted | undefined {
  const answer = normal(text);
  const start = text.length - text.trimStart().length;
  return answer === '' ? undefined : { answer, span: { start, end: text.trimEnd().length }, rule: 'exact.whole' };
}

/** Plain text: the stated final answer, or the whole completion, is the gold text but for white space and a final stop. */
export const exact: Scorer = {
  name: 'exact',
  version: '1',
  description:
    'Text equality, white space folded: the line behind the last "Final answer:" or "####", else the whole completion.',
  score(item) {
    const text = ownPart(item.completion);
    const found = finalAnswer(text) ?? (item.truncated ? undefined : whole(text));
    return judge(found, item, exactly(normal(item.gold)));
  },
};
