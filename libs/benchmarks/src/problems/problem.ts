import { createHash } from 'node:crypto';

/** One turn of a chat. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What a model is asked. */
export type Prompt =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'chat'; readonly messages: readonly ChatMessage[] };

/** One option of a multiple-choice problem. */
export interface Choice {
  readonly label: string;
  readonly text: string;
}

/** A problem with its gold answer. */
export interface Problem {
  readonly id: string;
  /** The question alone (with its options, a line each), as the data states it. */
  readonly question: string;
  /** The question as it is put to a model. */
  readonly prompt: Prompt;
  /** The right final answer, in the form that the benchmark's scorer compares with. */
  readonly gold: string;
  /** Options of a multiple-choice problem, in the order shown; else empty. */
  readonly choices: readonly Choice[];
  readonly subject?: string;
  readonly level?: string;
  /** A gold chain of thought that ends with the answer, as a completion of the prompt. */
  readonly solution?: string;
  /** sha256 of the template that made the prompt. */
  readonly templateDigest: string;
}

/** What identifies a template: everything of it that does not come from the problem. */
export function templateDigest(template: unknown): string {
  return createHash('sha256').update(JSON.stringify(template)).digest('hex');
}

/**
 * sha256 of the problems themselves: ids, questions, gold answers and options, in their order. It does not depend on how they are
 * put to a model, so that results of different prompts on the same data have the same digest.
 */
export class DataDigest {
  private readonly hash = createHash('sha256');

  add({ id, question, gold, choices }: Problem): void {
    this.hash.update(`${JSON.stringify([id, question, gold, choices.map(({ label, text }) => [label, text])])}\n`);
  }

  /** The digest; nothing can be added behind it. */
  hex(): string {
    return this.hash.digest('hex');
  }
}
