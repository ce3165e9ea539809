/** The question to a model that judges. */
import type { AnswerOnly } from '../reading/answer-only.ts';
import type { OpenVerdict } from '../verdict.ts';

/** The scorer that asks a model; its version changes whenever a verdict may change. */
export const JUDGE = { name: 'llm-judge', version: '2' } as const;

/** What a question is about. */
export interface Asked {
  readonly problem: string;
  /** The right final answer; empty where there is none. */
  readonly gold: string;
  /** As it is shown to the judge. */
  readonly completion: string;
}

/** No text can close the part it stands in. */
const contained = (text: string): string => text.replace(/<\/(problem|right_answer|completion)>/gi, '<_$1>');

/** A template with what is asked about in the place of {problem}, {gold} and {completion}. Each is put in once, whatever the others hold. */
export function questionOf(template: string, asked: Asked): string {
  return template.replace(/\{(problem|gold|completion)\}/g, (_, name: keyof Asked) => contained(asked[name]));
}

/** What is said of a completion in which a judge found no answer, or about which none need be asked. */
export function withoutAnswer({ isWhole, refusal }: AnswerOnly): OpenVerdict {
  const none = isWhole ? 'the completion states no final answer' : 'the completion was cut off before an answer';
  return { state: isWhole ? 'UNSCORABLE' : 'TRUNCATED', message: refusal ?? none };
}
