/** Choices of completions that state none behind a marker. */
import { labelOf, normal, startsLike } from './choice-label.ts';
import type { Choice, Extracted } from './verdict.ts';

/** "(B) is correct", "option B is the best answer". */
const SUBJECT =
  /(?<![\w'])\(?([A-Z]|\d)\)?[*_"]{0,3}\s{1,3}is\s{1,3}(?:(?:clearly|therefore|thus)\s{1,3})?(?:the\s{1,3})?(?:correct|right|best|answer)\b/g;
/** A label with a mark, or alone: "B", "(B)", "B.", "**B**:", "B,". */
const LABELLED = /^[*_("'`[$]{0,4}([A-Za-z]|\d)([*_)"'`\]$]{0,4})([.:),]?)(?:\s(.*)|)$/s;
/** A sentence that says what is not the answer implies nothing. */
const DENIAL = /\b(?:not|neither|nor|never|except|wrong|incorrect|false|cannot|unsure|whether|guess)\b|n't\b/i;
const MARKED = /\(([A-Z]|\d)\)/g;

/** The last label that is called correct. */
export function subjectChoice(text: string, choices: readonly Choice[]): Extracted | undefined {
  for (const match of [...text.matchAll(SUBJECT)].reverse()) {
    const answer = labelOf(match[1]!, '', choices);
    const start = match.index + match[0].indexOf(match[1]!);
    if (answer) return { answer, span: { start, end: start + 1 }, rule: 'choice.subject' };
  }
  return undefined;
}

/** A completion that is only a choice, or begins with a marked one: "B", "(B) blue whale", "B. It is the largest.", "blue whale". */
export function bareChoice(text: string, choices: readonly Choice[]): Extracted | undefined {
  const start = text.length - text.trimStart().length;
  const bare = text.trim();
  const words = normal(bare).replace(/\.$/, '');
  const articleless = words.replace(/^(?:an?|the) /, '');
  const spelled = choices.find(({ text: option }) => {
    const wanted = normal(option).replace(/\.$/, '');
    return wanted !== '' && (wanted === words || wanted === articleless);
  });
  if (spelled) return { answer: spelled.label, span: { start, end: start + bare.length }, rule: 'choice.bare' };
  const match = LABELLED.exec(bare);
  const label = match && labelOf(match[1]!, '', choices);
  if (!match || !label) return undefined;
  const behind = normal(match[4] ?? '');
  const option = choices.find((choice) => choice.label === label)?.text ?? '';
  const isMarked = match[2] !== '' || match[3] !== '';
  const fits = isMarked
    ? startsLike(behind, option) || !namesAnother(bare.slice(match[0].length - behind.length), label, choices)
    : behind.replace(/\.$/, '') === normal(option).replace(/\.$/, '');
  if (behind !== '' && !fits) return undefined;
  const at = start + bare.indexOf(match[1]!);
  return { answer: label, span: { start: at, end: at + 1 }, rule: 'choice.bare' };
}

/** Whether a text begins like another option, or marks another label. */
function namesAnother(text: string, label: string, choices: readonly Choice[]): boolean {
  const others = choices.filter((choice) => choice.label !== label);
  const marked = [...text.matchAll(/(?<![\w'])\(?([A-Z]|\d)[).:]/g)].map((match) => labelOf(match[1]!, '', choices));
  return (
    marked.some((other) => other && other !== label) || others.some((other) => startsLike(normal(text), other.text))
  );
}

/** The one option that the last sentence names by its words or in brackets. */
export function namedAtEnd(text: string, choices: readonly Choice[]): Extracted | undefined {
  const sentence = /[^.!?\n]{1,300}[.!?\s*_)]{0,10}$/.exec(text.slice(-400));
  if (!sentence || DENIAL.test(sentence[0])) return undefined;
  const words = normal(sentence[0]);
  const spelled = choices.filter((choice) => containsWords(words, normal(choice.text).replace(/\.$/, '')));
  const marked = [...sentence[0].matchAll(MARKED)].map((match) => labelOf(match[1]!, '', choices));
  const named = new Set([...spelled.map(({ label }) => label), ...marked.filter((label) => label !== undefined)]);
  const [answer, second] = [...named];
  if (answer === undefined || second !== undefined) return undefined;
  return {
    answer,
    span: { start: text.length - sentence[0].trimStart().length, end: text.length },
    rule: 'choice.last_sentence',
  };
}

function containsWords(text: string, words: string): boolean {
  if (!/[a-z]{3}/.test(words)) return false;
  const at = text.indexOf(words);
  return at >= 0 && !/\w/.test(text[at - 1] ?? '') && !/\w/.test(text[at + words.length] ?? '');
}
