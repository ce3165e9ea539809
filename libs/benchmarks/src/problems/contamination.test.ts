import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ContaminationIndex, contentWords, findContamination, loadBenchmark, type Problem } from '../index.ts';

const problem = (id: string, question: string): Problem => ({
  id,
  question,
  prompt: { kind: 'text', text: question },
  gold: '1',
  choices: [],
  templateDigest: '',
});
async function* all(...questions: string[]): AsyncGenerator<Problem> {
  for (const [index, question] of questions.entries()) yield problem(`p${index}`, question);
}

const LONG =
  'A train leaves the station at nine and travels at 60 miles an hour. Another leaves an hour later at 75 miles an hour. When do they meet?';

test('equal questions are found whatever their white space, case and punctuation', async () => {
  const { overlaps } = await findContamination(
    all('Something else.', `  ${LONG.toUpperCase()}\n`),
    all(LONG, 'Unrelated?'),
  );
  expect(overlaps).toEqual([{ testId: 'p0', trainId: 'p1', exact: true, similarity: 1 }]);
});

test('a question with a few words changed is a near duplicate, and one about other things is not', async () => {
  const changed = LONG.replace('A train', 'One train');
  const other = 'A baker sells 60 rolls in an hour and another baker sells 75. How many do they sell in three hours?';
  const { overlaps } = await findContamination(all(other, changed), all(LONG));
  expect(overlaps).toMatchObject([{ testId: 'p0', trainId: 'p1', exact: false }]);
  expect(overlaps[0]!.similarity).toBeGreaterThan(0.9);
  expect((await findContamination(all(other), all(LONG))).overlaps).toEqual([]);
});

test('a longer training text that holds the test question is a near duplicate', async () => {
  const { overlaps } = await findContamination(
    all(`Read this with care, then answer at length. ${LONG} Explain.`),
    all(LONG),
  );
  expect(overlaps).toMatchObject([{ exact: false, similarity: 1 }]);
});

test('numbers and operators are content: other numbers make another question', () => {
  expect(contentWords('$\\frac{1}{2}+x$')).toEqual(['frac', '1', '2', '+', 'x']);
  expect(contentWords('What is 1,200 − 3?')).not.toEqual(contentWords('What is 1,300 − 3?'));
});

test('short questions are compared as a whole', async () => {
  const { overlaps } = await findContamination(all('2 + 3?', '2 + 2?'), all('2 + 2?', '5 + 5?'));
  expect(overlaps).toEqual([{ testId: 'p0', trainId: 'p1', exact: true, similarity: 1 }]);
});

test('each test problem is named once, with the training problem most like it, the most similar first', async () => {
  const near = LONG.replace('nine', 'ten');
  const farther = near.replace('Another', 'One more');
  const { overlaps, trainProblems, testProblems } = await findContamination(
    all(farther, near, LONG),
    all(`${LONG} Explain in a sentence.`, LONG),
  );
  expect({ trainProblems, testProblems }).toEqual({ trainProblems: 3, testProblems: 2 });
  expect(overlaps.map(({ testId, trainId, exact }) => [testId, trainId, exact])).toEqual([
    ['p1', 'p2', true],
    ['p0', 'p2', false],
  ]);
});

test('worked examples in front of every question neither make duplicates nor hide them', async () => {
  const shots = 'Question: Tom has 5 apples and buys 3 more. How many apples has he now? Answer: 8. Question:';
  const ask = (n: number): string => `${shots} A tank of ${n} litres loses ${n % 7} of them. What is left?`;
  const test = Array.from({ length: 60 }, (_, index) => ask(100 + index));
  const train = Array.from(
    { length: 60 },
    (_, index) => `${shots} ${index} birds sit on ${index + 2} wires, how many a wire?`,
  );
  expect((await findContamination(all(...train), all(...test))).overlaps).toEqual([]);
  const { overlaps } = await findContamination(all(...train, `${ask(117)} Explain.`), all(...test));
  expect(overlaps).toMatchObject([{ testId: 'p17', exact: false, similarity: 1 }]);
});

test('a phrase that many problems share makes none of them a duplicate', async () => {
  const phrase = 'Express your answer as a common fraction in lowest terms.';
  const questions = Array.from(
    { length: 60 },
    (_, i) => `How large is the share of item ${i} of ${i * i + 7} boxes? ${phrase}`,
  );
  const { overlaps } = await findContamination(all(`Quite another thing. ${phrase}`), all(...questions));
  expect(overlaps).toEqual([]);
});

test('an impossible threshold is an error', () => {
  expect(() => new ContaminationIndex(0)).toThrow(/^threshold: /);
  expect(() => new ContaminationIndex(1.1)).toThrow(/^threshold: /);
});

const reference = path.resolve(
  fileURLToPath(new URL('../../../../', import.meta.url)),
  process.env['HONE_REFERENCE_DATA'] ?? '../shared',
  'data',
);
describe.skipIf(!existsSync(reference))('the published sets (needs HONE_REFERENCE_DATA)', () => {
  const problems = (name: 'math' | 'gsm8k', file: string) =>
    loadBenchmark({ name, file: path.join(reference, name, file), style: 'zero-shot', offset: 0, limit: 0 });
  test('the one MATH problem that is in both training and test set is found', async () => {
    const { overlaps, trainProblems, testProblems } = await findContamination(
      problems('math', 'train.jsonl'),
      problems('math', 'test.jsonl'),
    );
    expect({ trainProblems, testProblems }).toEqual({ trainProblems: 7498, testProblems: 5000 });
    const exact = overlaps.filter((overlap) => overlap.exact);
    const leaked: string[] = [];
    for await (const { id, question } of problems('math', 'test.jsonl'))
      if (question.includes('(b,37)') && question.includes('equilateral triangle')) leaked.push(id);
    expect(leaked).toHaveLength(1);
    expect(exact.map(({ testId }) => testId)).toContain(leaked[0]);
  });
});
