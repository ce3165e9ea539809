/**
 * ARC: science questions of schools with three to five options (Clark et al., arXiv 1803.05457; CC BY-SA 4.0). Rows as AllenAI
 * publishes them, or as the Hugging Face hub does:
 *
 *     {"id": "Mercury_7175875", "question": {"stem": "Which …?", "choices": [{"text": "…", "label": "A"}, …]}, "answerKey": "C"}
 *     {"id": "Mercury_7175875", "question": "Which …?", "choices": {"text": ["…", …], "label": ["A", …]}, "answerKey": "C"}
 *
 * The gold answer is the right option's label; the scorer `choice` compares options.
 */
import { invalidArgument } from '@hone/errors';
import {
  ASK,
  defineBenchmark,
  jsonLines,
  optionalText,
  readChoices,
  textField,
  under,
  type Row,
  type Split,
  type Template,
} from '../kit.ts';
import type { Choice } from '../problems/problem.ts';

const template: Template = {
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

interface Asked {
  readonly stem: string;
  readonly choices: readonly Choice[];
}

function asked(row: Row): Asked {
  const { question, choices } = row.value as {
    question?: string | { stem?: unknown; choices?: unknown };
    choices?: unknown;
  };
  if (typeof question === 'string') return { stem: question, choices: readChoices(row, choices) };
  if (typeof question?.stem !== 'string') throw invalidArgument(row.location, 'must have "question" with a "stem"');
  return { stem: question.stem, choices: readChoices(row, question.choices) };
}

const split = (name: string, description: string, sets: string, hubSplit: string, fileSplit: string): Split => ({
  name,
  description,
  repository: 'allenai/ai2_arc',
  files: [
    under(`ARC-(?:${sets})/${hubSplit}-[\\d-]+of-\\d+\\.parquet`),
    jsonLines(`ARC-(?:${sets})-${fileSplit}(?:-4choice)?`),
  ],
});

export const arc = defineBenchmark({
  name: 'arc',
  title: 'ARC: science questions of schools with three to five options (arXiv 1803.05457)',
  scorer: 'choice',
  // arXiv 2404.19733, section 3.2.
  style: 'zero-shot',
  template,
  read(row, index) {
    const { stem, choices } = asked(row);
    const gold = textField(row, 'answerKey').trim();
    if (!choices.some(({ label }) => label === gold))
      throw invalidArgument(row.location, `"answerKey" must be a choice's label, but is "${gold}"`);
    return {
      id: optionalText(row, 'id') ?? `arc-${index}`,
      question: [stem, ...choices.map(({ label, text }) => `(${label}) ${text}`)].join('\n'),
      gold,
      choices,
    };
  },
  published: {
    license: 'CC BY-SA 4.0',
    splits: [
      split('test', 'Challenge, 1,172 problems', 'Challenge', 'test', 'Test'),
      split('validation', 'Challenge, 299 problems', 'Challenge', 'validation', 'Dev'),
      split('train', 'Challenge and Easy, 3,370 problems, as in the paper', 'Challenge|Easy', 'train', 'Train'),
      split('easy-test', 'Easy, 2,376 problems', 'Easy', 'test', 'Test'),
      split('easy-validation', 'Easy, 570 problems', 'Easy', 'validation', 'Dev'),
    ],
  },
});
