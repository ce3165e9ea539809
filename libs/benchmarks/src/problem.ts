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

/** A problem with its gold answer. */
export interface Problem {
  readonly id: string;
  readonly prompt: Prompt;
  /** The right final answer, in the form that the benchmark's scorer compares with. */
  readonly gold: string;
  /** Options of a multiple-choice problem, in the order shown; else empty. */
  readonly choices: readonly { readonly label: string; readonly text: string }[];
  readonly subject?: string;
  readonly level?: string;
  /** A gold chain of thought, as a completion. */
  readonly demonstration?: string;
  /** sha256 of the template that made the prompt. */
  readonly templateDigest: string;
}

/** What identifies a template: everything of it that does not come from the problem. */
export function templateDigest(template: unknown): string {
  return createHash('sha256').update(JSON.stringify(template)).digest('hex');
}
