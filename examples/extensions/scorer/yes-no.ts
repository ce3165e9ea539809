/** Questions that are answered by yes or no: the example of docs/guides/scorer.md. */
import { invalidArgument } from '@hone/errors';
import { defineScorer, exactly, type FoundAnswer } from '@hone/grading';

/** The last "yes" or "no": of a text that goes on, only one that is stated as the answer. */
function find(text: string, isWhole: boolean): FoundAnswer | undefined {
  const stated = [...text.matchAll(/final answer:\s*(yes|no)\b/gi)].at(-1);
  const match = stated ?? (isWhole ? [...text.matchAll(/\b(yes|no)\b/gi)].at(-1) : undefined);
  if (!match) return undefined;
  const word = match[1]!;
  const end = match.index + match[0].length;
  const rule = stated ? 'yes-no.stated' : 'yes-no.last';
  return { answer: word.toLowerCase(), written: word, span: { start: end - word.length, end }, rule };
}

export const yesNo = defineScorer({
  name: 'yes-no',
  version: '1',
  description: 'Yes or no: the word behind the last "Final answer:", else the last such word of a finished completion.',
  target({ gold }) {
    const answer = gold.trim().toLowerCase();
    if (answer !== 'yes' && answer !== 'no') throw invalidArgument('gold', 'must be "yes" or "no"');
    return exactly(answer);
  },
  find,
});
