/**
 * MATH: problems of competitions (Hendrycks et al., arXiv 2103.03874; 7,500 training and 5,000 test problems of seven subjects and
 * five levels). Rows as published, or with the answer taken out of the solution:
 *
 *     {"problem": "What is $2^3$?", "level": "Level 1", "type": "Algebra", "solution": "… $\\boxed{8}$."}
 *     {"problem": …, "level": 1, "subject": "Algebra", "answer": "8", "unique_id"?, "solution"?}
 *
 * The gold answer is LaTeX: "answer", else what the solution boxes last; the scorer `math` compares what it means.
 */
import { lastBoxed } from '../problems/boxed.ts';
import {
  ASK,
  defineBenchmark,
  jsonLines,
  optionalText,
  textField,
  under,
  type Row,
  type Split,
  type Template,
} from '../kit.ts';

/** The paper shows four fixed examples; these are Hone's own, of four subjects. */
const template: Template = {
  instruction: `${ASK} wrap your answer in \\boxed, and conclude using the format "Final answer: ..."`,
  reminder: 'Think step by step, wrap your answer in \\boxed, then write "Final answer: ...".',
  examples: [
    {
      question: 'Solve for $x$: $3(x - 2) = 2x + 5$.',
      reply:
        'Expanding the left side gives $3x - 6 = 2x + 5$. Subtracting $2x$ from both sides gives $x - 6 = 5$, so $x = \\boxed{11}$.\nFinal answer: $11$',
    },
    {
      question:
        'A bag holds $4$ red and $6$ blue marbles. Two marbles are drawn without replacement. What is the probability that both are red?',
      reply:
        'The first marble is red with probability $\\frac{4}{10}$. Then $3$ of the remaining $9$ marbles are red, so the second one is red with probability $\\frac{3}{9}$. The product is $\\frac{4}{10} \\cdot \\frac{3}{9} = \\frac{12}{90} = \\boxed{\\frac{2}{15}}$.\nFinal answer: $\\frac{2}{15}$',
    },
    {
      question: 'The legs of a right triangle have lengths $5$ and $7$. What is the length of its hypotenuse?',
      reply:
        "By Pythagoras' theorem the square of the hypotenuse is $5^2 + 7^2 = 25 + 49 = 74$. No square number above $1$ divides $74$, so the length is $\\boxed{\\sqrt{74}}$.\nFinal answer: $\\sqrt{74}$",
    },
    {
      question: 'For which real numbers $x$ is $x^2 - 4x \\le 5$? Answer in interval notation.',
      reply:
        'The inequality is $x^2 - 4x - 5 \\le 0$, that is $(x - 5)(x + 1) \\le 0$. The product is zero or negative exactly between its roots $-1$ and $5$, ends included: $\\boxed{[-1, 5]}$.\nFinal answer: $[-1, 5]$',
    },
  ],
};

function goldOf(row: Row): string | undefined {
  const stated = optionalText(row, 'answer');
  const solution = optionalText(row, 'solution');
  const gold = stated ?? (solution === undefined ? undefined : lastBoxed(solution));
  return gold === '' ? undefined : gold;
}

const split = (name: string, description: string): Split => ({
  name,
  description,
  repository: 'EleutherAI/hendrycks_math',
  files: [
    under(`[a-z_]+/${name}-[\\d-]+of-\\d+\\.parquet`),
    jsonLines(name),
    // The original archive: a file each problem.
    under(`${name}/[a-z_]+/\\d+\\.json`),
  ],
});

export const math = defineBenchmark({
  name: 'math',
  title: 'MATH: problems of competitions in seven subjects and five levels (arXiv 2103.03874)',
  scorer: 'math',
  // arXiv 2404.19733, section 3.3.
  style: 'few-shot',
  template,
  read(row, index) {
    const question = textField(row, 'problem', 'question');
    const gold = goldOf(row);
    if (gold === undefined) return undefined;
    const subject = optionalText(row, 'subject') ?? optionalText(row, 'type');
    const level = optionalText(row, 'level')?.replace(/^Level /, '');
    const solution = optionalText(row, 'solution');
    return {
      id: optionalText(row, 'unique_id') ?? `math-${index}`,
      question,
      gold,
      choices: [],
      ...(subject !== undefined && { subject }),
      // Two problems are published with the level "?".
      ...(level !== undefined && level !== '?' && { level }),
      ...(solution !== undefined && { solution: `${solution}\nFinal answer: $${gold}$` }),
    };
  },
  published: {
    license: 'MIT',
    splits: [
      split('test', '5,000 problems'),
      split('train', '7,500 problems'),
      {
        name: 'math500',
        description: '500 of the test problems (arXiv 2305.20050)',
        repository: 'HuggingFaceH4/MATH-500',
        files: [jsonLines('(?:math500|test)')],
      },
    ],
  },
});
