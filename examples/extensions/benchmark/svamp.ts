/**
 * SVAMP: word problems of one step whose wording misleads (Patel et al., arXiv 2103.07191; MIT): the example of
 * docs/guides/benchmark.md. Rows as published:
 *
 *     {"ID": "chal-1", "Body": "Each pack of dvds costs 76 dollars.", "Question": "How much …?", "Answer": 51.0, "Type": "Subtraction"}
 */
import { ASK, defineBenchmark, jsonLines, optionalText, textField, under, type Split } from '@hone/benchmarks';

const split = (name: string, description: string): Split => ({
  name,
  description,
  repository: 'ChilleD/SVAMP',
  files: [under(`${name}-[\\d-]+of-\\d+-?\\w*\\.parquet`), under(`${name}\\.json`), jsonLines(name)],
});

export const svamp = defineBenchmark({
  name: 'svamp',
  title: 'SVAMP: word problems of one step whose wording misleads (arXiv 2103.07191)',
  scorer: 'gsm8k',
  style: 'zero-shot',
  template: {
    instruction: `${ASK} use the format "Final answer: ..."`,
    reminder: 'Think step by step, then write "Final answer: (number)".',
    examples: [
      {
        question: 'Mia had 9 pens. She gave away 4 pens and 2 books. How many pens does she have now?',
        reply: 'Books do not matter. 9 - 4 = 5 pens are left.\nFinal answer: 5',
      },
    ],
  },
  read(row, index) {
    const subject = optionalText(row, 'Type');
    return {
      id: optionalText(row, 'ID') ?? `svamp-${index}`,
      question: `${textField(row, 'Body').trim()} ${textField(row, 'Question').trim()}`,
      gold: textField(row, 'Answer'),
      choices: [],
      ...(subject !== undefined && { subject }),
    };
  },
  published: { license: 'MIT', splits: [split('test', '300 problems'), split('train', '700 problems')] },
});
