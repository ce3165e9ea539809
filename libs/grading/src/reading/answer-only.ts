import { readCompletion, openThoughtMessage, type Completion } from './read-completion.ts';

/** What a judge that reads texts is given. */
export interface AnswerOnly extends Pick<Completion, 'text' | 'isWhole' | 'spanOf' | 'thoughts' | 'cut'> {
  /** Why there is nothing to judge. */
  readonly refusal: string | undefined;
}

/** A completion without its thoughts and without turns of others, for scorers that find answers by other means than rules. */
export function answerOnly(completion: string, truncated: boolean): AnswerOnly {
  // Whether a next problem was made up is left to the reader: no rule here says where an answer is.
  const read = readCompletion(completion, { truncated, prompt: '', given: () => undefined, keepProblems: true });
  const { text, isWhole, spanOf, thoughts, cut, openThought } = read;
  return { text, isWhole, spanOf, thoughts, cut, refusal: openThought && openThoughtMessage(openThought, isWhole) };
}
