/**
 * GSM8K: grade-school word problems (Cobbe et al., arXiv 2110.14168; 7,473 training and 1,319 test problems). Rows as published:
 *
 *     {"question": "Natalia sold …", "answer": "She sold 48/2 = <<48/2=24>>24 …\n#### 72"}
 *
 * The gold answer is the number behind "####"; the scorer `gsm8k` compares numbers.
 */
import { invalidArgument } from '@hone/errors';
import { ASK, promptDigest, renderPrompt, type Template } from '../problems/prompts.ts';
import type { RowReader } from '../rows/row-reader.ts';
import { textField } from '../rows/row.ts';

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

export const readGsm8k: RowReader = (row, index, style) => {
  const question = textField(row, 'question');
  const [chain, gold] = textField(row, 'answer').split('####');
  if (gold === undefined) throw invalidArgument(row.place, '"answer" must hold "#### " and the final answer');
  return {
    id: `gsm8k-${index}`,
    question,
    prompt: renderPrompt(GSM8K_TEMPLATE, style, question),
    gold: gold.trim().replaceAll(',', ''),
    choices: [],
    // <<48/2=24>> are the data set's marks for a calculator, no part of the reasoning.
    solution: `${chain!.replace(/<<[^<>]*>>/g, '').trim()}\nFinal answer: ${gold.trim()}`,
    templateDigest: promptDigest(GSM8K_TEMPLATE, style),
  };
};
