/**
 * GSM8K: grade-school word problems (Cobbe et al., arXiv 2110.14168; 7,473 training and 1,319 test problems). Rows as published:
 *
 *     {"question": "Natalia sold …", "answer": "She sold 48/2 = <<48/2=24>>24 …\n#### 72"}
 *
 * The gold answer is the number behind "####"; the scorer `gsm8k` compares numbers.
 */
import { invalidArgument } from '@hone/errors';
import { ASK, defineBenchmark, jsonLines, textField, under, type Split, type Template } from '../kit.ts';

const template: Template = {
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

const split = (name: string, description: string): Split => ({
  name,
  description,
  repository: 'openai/gsm8k',
  files: [under(`main/${name}-[\\d-]+of-\\d+\\.parquet`), jsonLines(name)],
});

export const gsm8k = defineBenchmark({
  name: 'gsm8k',
  title: 'GSM8K: grade-school word problems (arXiv 2110.14168)',
  scorer: 'gsm8k',
  // arXiv 2404.19733, section 3.1.
  style: 'zero-shot',
  template,
  read(row, index) {
    const question = textField(row, 'question');
    const [chain, gold] = textField(row, 'answer').split('####');
    if (gold === undefined) throw invalidArgument(row.location, '"answer" must hold "#### " and the final answer');
    return {
      id: `gsm8k-${index}`,
      question,
      gold: gold.trim().replaceAll(',', ''),
      choices: [],
      // <<48/2=24>> are the data set's marks for a calculator, no part of the reasoning.
      solution: `${chain!.replace(/<<[^<>]*>>/g, '').trim()}\nFinal answer: ${gold.trim()}`,
    };
  },
  published: { license: 'MIT', splits: [split('test', '1,319 problems'), split('train', '7,473 problems')] },
});
