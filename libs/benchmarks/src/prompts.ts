/** Prompt templates: the paper's zero-shot prompts, and a chat with worked examples for small models. */
import { templateDigest, type ChatMessage, type Prompt } from './problem.ts';

/** How a question is put to the model. */
export type PromptStyle = 'zero-shot' | 'zero-shot-chat' | 'examples-chat';
export const PROMPT_STYLES: readonly PromptStyle[] = ['zero-shot', 'zero-shot-chat', 'examples-chat'];

/** A benchmark's template: what stands before the question, and worked examples. */
export interface Template {
  /** Before "Question:" (arXiv 2404.19733, appendix). */
  readonly instruction: string;
  /** Behind the question in the chat with examples. */
  readonly reminder: string;
  /** Worked examples: a question as it is shown, and its reply. */
  readonly examples: readonly { readonly question: string; readonly reply: string }[];
}

const ASK =
  "Your task is to answer the question below. Give step by step reasoning before you answer, and when you're ready to answer, please";

export const GSM8K_TEMPLATE: Template = {
  instruction: `${ASK} use the format "Final answer: ..."`,
  reminder: 'Think step by step, then write "Final answer: (number)".',
  examples: [
    {
      question: 'A baker makes 4 trays of 6 rolls and sells 15 rolls. How many rolls are left?',
      reply: 'The baker makes 4 * 6 = 24 rolls. After selling 15 there are 24 - 15 = 9 left.\nFinal answer: 9',
    },
    {
      question: 'A ticket costs 8 dollars. How much do 3 tickets cost with a discount of 5 dollars?',
      reply: 'Three tickets cost 3 * 8 = 24 dollars. With the discount that is 24 - 5 = 19 dollars.\nFinal answer: 19',
    },
  ],
};

export const ARC_TEMPLATE: Template = {
  instruction: `${ASK} conclude using the format "Final answer: (insert letter here)"`,
  reminder: 'Think in one or two sentences, then write "Final answer: (letter)".',
  examples: [
    {
      question:
        'Which of these does a plant take in to make its food?\n(A) oxygen\n(B) carbon dioxide\n(C) sugar\n(D) nitrogen',
      reply:
        'Plants use light, water and carbon dioxide to make sugar, so they take in carbon dioxide. Final answer: (B)',
    },
    {
      question:
        'What causes day and night on Earth?\n(A) Earth turning on its axis\n(B) Earth moving around the Sun\n(C) clouds\n(D) the phases of the Moon',
      reply: 'As Earth turns on its axis, each place faces the Sun and then turns away from it. Final answer: (A)',
    },
  ],
};

/** Renders a question (with its options, if any, a line each) in a style. */
export function renderPrompt(template: Template, style: PromptStyle, question: string): Prompt {
  const asked = `${template.instruction}\n\nQuestion: ${question}\n\nSolution:`;
  if (style === 'zero-shot') return { kind: 'text', text: asked };
  if (style === 'zero-shot-chat') return { kind: 'chat', messages: [{ role: 'user', content: asked }] };
  const ask = (text: string): ChatMessage => ({ role: 'user', content: `${text}\n${template.reminder}` });
  const shown = template.examples.flatMap(({ question: example, reply }): ChatMessage[] => [
    ask(example),
    { role: 'assistant', content: reply },
  ]);
  return { kind: 'chat', messages: [...shown, ask(question)] };
}

/** What identifies a template in a style. */
export const promptDigest = (template: Template, style: PromptStyle): string => templateDigest({ template, style });
