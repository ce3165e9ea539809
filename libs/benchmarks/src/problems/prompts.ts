/** How questions are put to a model: the paper's prompts, and the same as chats. */
import { invalidArgument } from '@hone/errors';
import { templateDigest, type ChatMessage, type Prompt } from './problem.ts';

/**
 * `zero-shot`: the paper's prompt of GSM8K and ARC. `few-shot`: with worked examples in front, the paper's of MATH. The others are
 * chats, for the checkpoint's own chat template: `zero-shot-chat` and `few-shot-chat` are the same texts as one turn of a user,
 * `examples-chat` has the worked examples as earlier turns.
 */
export const PROMPT_STYLES = ['zero-shot', 'few-shot', 'zero-shot-chat', 'few-shot-chat', 'examples-chat'] as const;
export type PromptStyle = (typeof PROMPT_STYLES)[number];

/** A benchmark's template: what stands before the question, and worked examples. */
export interface Template {
  /** Before "Question:" (arXiv 2404.19733, appendix). */
  readonly instruction: string;
  /** Behind the question in the chat with examples. */
  readonly reminder: string;
  /** Worked examples: a question as it is shown, and its reply, which ends with "Final answer: …". */
  readonly examples: readonly { readonly question: string; readonly reply: string }[];
}

/** How the paper's instructions begin. */
export const ASK =
  "Your task is to answer the question below. Give step by step reasoning before you answer, and when you're ready to answer, please";

const block = (question: string, reply: string): string => `Question: ${question}\n\nSolution:${reply}`;

/** The prompt as one text; worked examples are blocks in front of the question. */
function asText({ instruction, examples }: Template, question: string, fewShot: boolean): string {
  const shown = fewShot ? examples.map((example) => block(example.question, ` ${example.reply}`)) : [];
  return [instruction, ...shown, block(question, '')].join('\n\n');
}

const user = (content: string): ChatMessage => ({ role: 'user', content });

/** Renders a question (with its options, if any, a line each) in a style. */
export function renderPrompt(template: Template, style: PromptStyle, question: string): Prompt {
  if (style === 'examples-chat') {
    const ask = (text: string): ChatMessage => user(`${text}\n${template.reminder}`);
    const turns = template.examples.flatMap((example): ChatMessage[] => [
      ask(example.question),
      { role: 'assistant', content: example.reply },
    ]);
    return { kind: 'chat', messages: [...turns, ask(question)] };
  }
  const text = asText(template, question, style.startsWith('few-shot'));
  return style.endsWith('-chat') ? { kind: 'chat', messages: [user(text)] } : { kind: 'text', text };
}

/** A question as it is, as a text or as one turn of a chat. */
function bare(style: PromptStyle, text: string): Prompt {
  if (style === 'zero-shot') return { kind: 'text', text };
  if (style === 'zero-shot-chat') return { kind: 'chat', messages: [user(text)] };
  throw invalidArgument(
    'style',
    `must be zero-shot or zero-shot-chat for problems that are put as they are, without examples, but is ${style}`,
  );
}

/** The prompt of a question, and what identifies the template in the style. */
export function putQuestion(
  template: Template | null,
  style: PromptStyle,
  question: string,
): { readonly prompt: Prompt; readonly templateDigest: string } {
  if (template)
    return { prompt: renderPrompt(template, style, question), templateDigest: templateDigest({ template, style }) };
  const prompt = bare(style, question);
  return { prompt, templateDigest: templateDigest({ jsonl: prompt.kind }) };
}
